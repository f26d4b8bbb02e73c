import { TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";

interface Props {
  label: string;
  hint?: string;
  value: string;
  length?: number;
  onChange: (digits: string) => void;
}

/** A short number out of a message, in one field: pasted, filled in by the phone, or typed with any spacing. */
export function Digits({ label, hint, value, length = 6, onChange }: Props) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <TextInput
      ref={field}
      className="digits"
      label={label}
      description={hint}
      size="md"
      inputMode="numeric"
      autoComplete="one-time-code"
      value={value}
      onChange={event => onChange(event.currentTarget.value.replace(/\D/g, "").slice(0, length))}
      required
    />
  );
}
