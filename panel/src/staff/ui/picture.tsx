import { useEffect, useState } from "react";
import type { PictureName, pictures } from "../../shared/pictures";

type Drawings = typeof pictures;

/** A drawing of the house beside words that say the same. Fetched after the page: its place is kept. */
export function Picture({ name }: { name: PictureName }) {
  const [drawings, setDrawings] = useState<Drawings | null>(null);
  useEffect(() => {
    // A page without its drawing still says everything.
    void import("../../shared/pictures").then(
      file => setDrawings(file.pictures),
      () => {},
    );
  }, []);
  return (
    <svg className="picture" viewBox="0 0 200 140" aria-hidden="true">
      {drawings?.[name].map(([tone, d]) => (
        <path key={d} className={`p-${tone}`} d={d} />
      ))}
    </svg>
  );
}
