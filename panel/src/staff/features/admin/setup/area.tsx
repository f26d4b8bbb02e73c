import { Input } from "@mantine/core";
import { useId } from "react";

interface Props {
  id?: string;
  label: string;
  description?: string;
  value: string;
  onChange: (event: { currentTarget: { value: string } }) => void;
  error?: string | null;
  required?: boolean;
  lang?: string;
}

/** A text of several lines: the browser's own field, without what the library adds to it. */
export function Area({ id, label, description, error, required, ...rest }: Props) {
  const own = useId();
  const at = id ?? own;
  return (
    <Input.Wrapper id={at} label={label} description={description} error={error} required={required}>
      <Input component="textarea" id={at} rows={2} error={Boolean(error)} {...rest} />
    </Input.Wrapper>
  );
}
