import { TextInput } from "@mantine/core";
import { Area } from "../setup/area";
import { NumberField } from "../setup/number-field";
import type { Work } from "./draft";

/** The element a fault at this place leads to. */
export const fieldId = (path: string) => `set-${path.replace(/[^\w-]/g, "-")}`;

interface Props {
  work: Work;
  path: string;
  label: string;
  description?: string;
  value: string;
  long?: boolean;
  onChange: (value: string) => void;
  required?: boolean;
  lang?: string;
}

/** A text of the settings, with the fault the server found there. */
export function Field({ work, path, value, onChange, long, ...rest }: Props) {
  const shared = {
    ...rest,
    id: fieldId(path),
    value,
    error: work.fault(path),
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  return long ? <Area {...shared} /> : <TextInput {...shared} />;
}

interface SpanProps {
  work: Work;
  path: string;
  label: string;
  unit: string;
  /** Seconds in one of the unit. */
  per: number;
  value: number;
  onChange: (seconds: number) => void;
}

/** A span of the settings in a unit people think in. */
export function Span({ work, path, label, unit, per, value, onChange }: SpanProps) {
  return (
    <div id={fieldId(path)} tabIndex={-1}>
      <NumberField
        label={label}
        unit={unit}
        value={value / per}
        error={work.fault(path)}
        onChange={count => onChange(Math.round((count ?? 0) * per))}
      />
    </div>
  );
}
