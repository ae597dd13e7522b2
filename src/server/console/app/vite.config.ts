import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** Scripts and styles are files of our own: the content security policy allows nothing inline and nothing from elsewhere. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [preact()],
  build: { outDir: '../../../../dist/console', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: false },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
