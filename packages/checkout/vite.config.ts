// Builds the hosted page. The server makes the HTML itself (with a nonce), so the only entry is a script; it finds the
// hashed names in dist/.vite/manifest.json and serves the files under /assets.
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/assets/',
  publicDir: false,
  build: {
    manifest: true,
    target: 'es2020',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { page: 'src/page/main.ts' },
      output: {
        entryFileNames: 'pay-[hash].js',
        chunkFileNames: 'pay-[hash].js',
        assetFileNames: 'pay-[hash][extname]',
      },
    },
  },
})
