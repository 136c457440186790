import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { listPackages } from './scripts/list-packages.ts'
import { precompress } from './scripts/precompress.ts'

// `npm run dev` in apps/web serves the page with hot reloading, beside a service that runs on port 4000.
const service = { target: 'http://localhost:4000', changeOrigin: false }
const proxy = { '/trpc': service, '/auth': service }

export default defineConfig({
  plugins: [
    react(),
    VitePWA({
      // The page asks before it reloads: the parts that it has not loaded yet are those of its own version.
      registerType: 'prompt',
      injectRegister: false,
      manifest: {
        name: 'Taskwire',
        short_name: 'Taskwire',
        description: 'Tasks, also without a network',
        start_url: '/',
        display: 'standalone',
        background_color: '#ffffff',
        theme_color: '#26633f',
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
        ],
      },
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg}'],
        navigateFallback: '/index.html',
        // What the service answers is never kept here: the store keeps the tasks.
        navigateFallbackDenylist: [/^\/(trpc|auth|health|metrics|reset-password)/],
        cleanupOutdatedCaches: true,
      },
    }),
    listPackages('dist/packages.json'),
    precompress(),
  ],
  build: { outDir: 'dist/page', target: 'es2023', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { proxy },
  preview: { proxy },
})
