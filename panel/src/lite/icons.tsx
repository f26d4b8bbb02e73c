// Line icons of the service groups on a 24×24 grid; an unknown name falls back to a plain ticket.
const paths: Record<string, string> = {
  parcel: "M3 7.5 12 3l9 4.5v9L12 21l-9-4.5zM3 7.5l9 4.5 9-4.5M12 12v9M7.5 5.2l9 4.6",
  letter: "M3 6h18v12H3zM3 7l9 6.5L21 7",
  payment: "M3 6h18v12H3zM3 10h18M7 14.5h4",
  banknote: "M3 7h18v10H3zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM6 10v4M18 10v4",
  receipt: "M6 3h12v18l-2-1.4L14 21l-2-1.4L10 21l-2-1.4L6 21zM9 8h6M9 12h6M9 16h3",
  sim: "M8 3h6l4 4v14H6V5zM9.5 11h5v6h-5zM12 11v6",
  basket: "M4 9h16l-1.5 11h-13zM8.5 9 11 4M15.5 9 13 4M9.5 13v3M14.5 13v3",
  newspaper: "M4 5h13v14H6a2 2 0 0 1-2-2zM17 9h3v8a2 2 0 0 1-2 2M7 9h7M7 12.5h7M7 16h4",
  pen: "M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5",
  wallet: "M4 7h15v12H4zM4 7l11-3.5V7M19 11h2v4h-5a2 2 0 0 1 0-4z",
  pension: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20.5c.6-4 3.8-6 8-6s7.4 2 8 6",
  card: "M3 6h18v12H3zM3 10h18M14.5 14.5H18",
  document: "M6 3h8.5L19 7.5V21H6zM14 3v5h5M9 12.5h7M9 16.5h7",
  business: "M3 8h18v12H3zM9 8V5h6v3M3 13h18M11 13v2h2v-2",
  board: "M3 5h18v11H3zM12 16v4M8 20h8M7 9h6M7 12h4",
  question: "M9 9a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.3-1.6 2.5M12 17.5v.2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  ticket:
    "M3 8a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v2a2 2 0 0 0 0 4v2a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-2a2 2 0 0 0 0-4zM14 6v12",
  priority: "m12 3 2.7 5.6 6.1.8-4.5 4.2 1.1 6.1L12 16.8l-5.4 2.9 1.1-6.1-4.5-4.2 6.1-.8z",
  touch:
    "M9 12.5V5.5a1.5 1.5 0 0 1 3 0V11m0-1a1.5 1.5 0 0 1 3 0v2m0-1.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6h-.5a6 6 0 0 1-5-2.7L4.6 15.5a1.4 1.4 0 0 1 2.2-1.7L9 16",
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
