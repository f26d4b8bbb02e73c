import type { Plugin } from "vite";

/** `/dev/gallery` in development: all components in all their states. Built pages carry nothing of it. */
export function gallery(page: string): Plugin {
  return {
    name: "gallery",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        if (request.url?.startsWith("/dev/gallery"))
          request.url = request.url.replace("/dev/gallery", `/${page}`);
        next();
      });
    },
  };
}
