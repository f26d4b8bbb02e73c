import { type PictureName, pictures } from "../shared/pictures";

/** A drawing of the house beside words that say the same. */
export function Picture({ name }: { name: PictureName }) {
  return (
    <svg class="picture" viewBox="0 0 200 140" aria-hidden="true">
      {pictures[name].map(([tone, d]) => (
        <path key={d} class={`p-${tone}`} d={d} />
      ))}
    </svg>
  );
}
