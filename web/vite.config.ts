import { createHash } from 'node:crypto'
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

/** What stands beside the first page under a name of its own. */
const BESIDE = ['/', '/before-paint.js', '/logo.svg', '/manifest.webmanifest']

/** Writes the service worker, which knows the files of this build: see worker.js. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    async generateBundle(_, bundle) {
      const chunks = Object.values(bundle)
      const first = new Set<string>()
      const add = (name: string) => {
        const chunk = bundle[name]
        if (first.has(name) || chunk?.type !== 'chunk') return
        first.add(name)
        for (const style of chunk.viteMetadata?.importedCss ?? []) first.add(style)
        chunk.imports.forEach(add)
      }
      for (const chunk of chunks) if (chunk.type === 'chunk' && chunk.isEntry) add(chunk.fileName)
      const assets = chunks
        .map(({ fileName }) => `/${fileName}`)
        .filter((path) => path.startsWith('/assets/'))
      const shell = [...BESIDE, ...[...first].map((name) => `/${name}`)]
      const source = await readFile(join(import.meta.dirname, 'worker.js'), 'utf8')
      const page = await readFile(join(import.meta.dirname, 'index.html'), 'utf8')
      const version = createHash('sha256')
        .update(JSON.stringify([assets.sort(), shell.sort(), source, page]))
        .digest('hex')
        .slice(0, 16)
      this.emitFile({
        type: 'asset',
        fileName: 'sw.js',
        source: source
          .replace('__VERSION__', version)
          .replace('__SHELL__', JSON.stringify(shell))
          .replace('__ASSETS__', JSON.stringify(assets)),
      })
    },
  }
}

export default defineConfig({
  base: '/',
  plugins: [react(), serviceWorker(), precompress()],
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
