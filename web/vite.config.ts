import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const api = process.env.FORESAIL_API ?? 'http://127.0.0.1:8650'
const live = Object.assign(new URL(api), { port: String(Number(new URL(api).port) + 1) }).origin

/** The server hands out files as they lie there: so each text lies there compressed as well, once, at its best. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async writeBundle({ dir: folder = '.' }) {
      const names = await readdir(folder, { recursive: true })
      await Promise.all(
        names
          .filter((name) => /\.(js|css|svg|json|html)$/.test(name))
          .map(async (name) => {
            const path = join(folder, name)
            const text = await readFile(path)
            if (text.length < 1024) return
            const best = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }
            await writeFile(`${path}.gz`, await promisify(gzip)(text, { level: 9 }))
            await writeFile(`${path}.br`, await promisify(brotliCompress)(text, best))
          }),
      )
    },
  }
}

export default defineConfig({
  base: '/',
  plugins: [react(), precompress()],
  resolve: { alias: { '@': join(import.meta.dirname, 'src') } },
  build: {
    outDir: '../src/foresail/web_dist',
    emptyOutDir: true,
    manifest: true,
    // The largest is the charts, which only pages with charts load.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // What seldom changes keeps its name in the browser's cache when our own code changes.
        codeSplitting: {
          groups: [
            {
              name: 'react',
              test: /node_modules[\\/](react|react-dom|scheduler|react-router)[\\/]/,
              priority: 3,
            },
            {
              name: 'base',
              test: /node_modules[\\/](i18next|react-i18next|@tanstack|openapi-fetch|openapi-react-query|zustand|dayjs)[\\/]/,
              priority: 2,
            },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': { target: api },
      '/live': { target: live, ws: true, changeOrigin: true, headers: { origin: live } },
    },
  },
})
