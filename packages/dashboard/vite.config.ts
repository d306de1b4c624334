// Builds the dashboard. The server makes the HTML itself (with a nonce), so the only entry is a script; it finds the
// hashed names in dist/.vite/manifest.json and serves the files under /assets.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/assets/',
  publicDir: false,
  plugins: [react()],
  build: {
    manifest: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { dashboard: 'src/main.tsx' },
      output: {
        entryFileNames: 'dashboard-[hash].js',
        chunkFileNames: 'dashboard-[hash].js',
        assetFileNames: 'dashboard-[hash][extname]',
      },
    },
  },
})
