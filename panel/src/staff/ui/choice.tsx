import { Radio } from "@mantine/core";

interface Props<V extends string> {
  label: string;
  value: V;
  options: { value: V; label: string }[];
  onChange: (value: V) => void;
  autoFocus?: boolean;
}

/** One of a few, moved through by arrows; the chosen one has the focus at first. */
export function Choice<V extends string>({ label, value, options, onChange, autoFocus }: Props<V>) {
  return (
    <Radio.Group label={label} value={value} onChange={next => onChange(next as V)}>
      <div className="choice">
        {options.map(option => (
          <Radio
            key={option.value}
            value={option.value}
            label={option.label}
            size="md"
            data-autofocus={autoFocus && option.value === value ? true : undefined}
          />
        ))}
      </div>
    </Radio.Group>
  );
}
