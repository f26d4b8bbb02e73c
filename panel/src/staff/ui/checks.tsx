import { Checkbox } from "@mantine/core";

interface Props {
  label: string;
  options: { value: string; label: string; hint?: string; disabled?: boolean }[];
  value: readonly string[];
  onChange: (value: string[]) => void;
  /** Several columns where there is room. */
  wide?: boolean;
}

/** Any of a few. The order of the answer is the order of the list. */
export function Checks({ label, options, value, onChange, wide }: Props) {
  const toggle = (code: string, isOn: boolean) => {
    const chosen = new Set(value);
    if (isOn) chosen.add(code);
    else chosen.delete(code);
    const listed = options.map(one => one.value).filter(one => chosen.has(one));
    // What is chosen but not listed here stays: leaving it out would take it away unseen.
    onChange([...listed, ...value.filter(one => !options.some(option => option.value === one))]);
  };
  return (
    <fieldset className="field-set">
      <legend>{label}</legend>
      <div className={wide ? "options wide" : "options"}>
        {options.map(option => (
          <Checkbox
            key={option.value}
            label={option.label}
            description={option.hint}
            disabled={option.disabled}
            checked={value.includes(option.value)}
            onChange={event => toggle(option.value, event.currentTarget.checked)}
          />
        ))}
      </div>
    </fieldset>
  );
}
