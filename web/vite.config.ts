import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The graph and the chart come on demand, and elkjs alone is more than the rest.
  build: { target: "es2023", chunkSizeWarningLimit: 2_000, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
