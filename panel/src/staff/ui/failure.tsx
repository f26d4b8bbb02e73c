/** What went wrong, said aloud when it appears. The place stays, so that screen readers watch it from the start. */
export function Failure({ text }: { text: string | null }) {
  return (
    <p className="failure" role="alert" hidden={!text}>
      {text}
    </p>
  );
}
