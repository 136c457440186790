import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// `npm run dev` in apps/web serves the page with hot reloading, beside a service that runs on port 4000.
const service = { target: 'http://localhost:4000', changeOrigin: false }

export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist/page', target: 'es2023', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { proxy: { '/trpc': service, '/auth': service } },
  preview: { proxy: { '/trpc': service, '/auth': service } },
})
