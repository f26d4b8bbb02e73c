import { Input } from "@mantine/core";
import { useId } from "react";

interface Props {
  label: string;
  /** The label is read out but not drawn. */
  quiet?: boolean;
  value: string;
  data: { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** The browser's own list: best for keyboards and screen readers, and a tenth of the library's size. */
export function Select({ label, quiet, value, data, onChange }: Props) {
  const id = useId();
  const field = (
    <Input
      component="select"
      id={id}
      pointer
      aria-label={quiet ? label : undefined}
      value={value}
      onChange={event => onChange(event.currentTarget.value)}
      rightSectionPointerEvents="none"
      rightSection={<span aria-hidden="true">▾</span>}
    >
      {data.map(one => (
        <option key={one.value} value={one.value}>
          {one.label}
        </option>
      ))}
    </Input>
  );
  if (quiet) return field;
  return (
    <Input.Wrapper id={id} label={label}>
      {field}
    </Input.Wrapper>
  );
}
