import { TextInput } from "@mantine/core";
import { useState } from "react";

interface Props {
  label: string;
  description?: string;
  unit?: string;
  /** Null while the field is empty. */
  value: number | null;
  onChange: (value: number | null) => void;
  error?: string | null;
  required?: boolean;
  disabled?: boolean;
}

/** A number as people type it: a comma is as good as a full stop. What is no number stays visible and counts as none. */
export function NumberField({ value, onChange, unit, error, ...rest }: Props) {
  const [text, setText] = useState(shown(value));
  // A value set from outside replaces what was typed, unless both mean the same.
  const isSame = parsed(text) === value;
  return (
    <TextInput
      {...rest}
      inputMode="decimal"
      autoComplete="off"
      value={isSame ? text : shown(value)}
      error={error}
      rightSection={unit ? <span className="dim">{unit}</span> : undefined}
      rightSectionWidth={unit ? `${unit.length + 2}ch` : undefined}
      onChange={event => {
        setText(event.currentTarget.value);
        onChange(parsed(event.currentTarget.value));
      }}
    />
  );
}

function parsed(text: string): number | null {
  const plain = text.trim().replace(",", ".");
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

const shown = (value: number | null) => (value === null ? "" : String(value));
