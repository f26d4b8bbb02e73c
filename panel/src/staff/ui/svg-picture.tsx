/** A picture the server drew. As an image it can run no script and reach nothing, whatever it holds. */
export function SvgPicture({ svg, label }: { svg: string; label: string }) {
  return (
    <img
      className="svg-picture"
      src={`data:image/svg+xml;utf8,${encodeURIComponent(svg)}`}
      alt={label}
      width="240"
      height="240"
    />
  );
}
