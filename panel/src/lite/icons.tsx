// Line icons of the service groups on a 24×24 grid; an unknown name falls back to a plain ticket.
const paths: Record<string, string> = {
  parcel: "M3 7.5 12 3l9 4.5v9L12 21l-9-4.5zM3 7.5l9 4.5 9-4.5M12 12v9M7.5 5.2l9 4.6",
  letter: "M3 6h18v12H3zM3 7l9 6.5L21 7",
  payment: "M3 6h18v12H3zM3 10h18M7 14.5h4",
  money: "M3 7h18v10H3zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM6 10v4M18 10v4",
  pension: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20.5c.6-4 3.8-6 8-6s7.4 2 8 6",
  card: "M3 6h18v12H3zM3 10h18M14.5 14.5H18",
  document: "M6 3h8.5L19 7.5V21H6zM14 3v5h5M9 12.5h7M9 16.5h7",
  phone: "M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM11 18h2",
  business: "M3 8h18v12H3zM9 8V5h6v3M3 13h18M11 13v2h2v-2",
  shop: "M4 9h16l-1 11H5zM8.5 9V7a3.5 3.5 0 0 1 7 0v2",
  loan: "M4 19 19 4M7 9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM17 20a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  board: "M3 5h18v11H3zM12 16v4M8 20h8M7 9h6M7 12h4",
  question: "M9 9a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.3-1.6 2.5M12 17.5v.2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  ticket:
    "M3 8a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v2a2 2 0 0 0 0 4v2a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-2a2 2 0 0 0 0-4zM14 6v12",
  priority: "m12 3 2.7 5.6 6.1.8-4.5 4.2 1.1 6.1L12 16.8l-5.4 2.9 1.1-6.1-4.5-4.2 6.1-.8z",
  back: "M15 5l-7 7 7 7",
  next: "m9 5 7 7-7 7",
};

export function Icon({ name }: { name: string | null }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      aria-hidden="true"
    >
      <path d={paths[name ?? ""] ?? paths.ticket} stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
