import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin, type Rollup } from 'vite'
import { AHEAD } from './ahead.ts'

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

/** Returns the files of a chunk and of all that it imports at once, styles too. */
function filesOf(bundle: Rollup.OutputBundle, name: string, files = new Set<string>()): Set<string> {
  const chunk = bundle[name]
  if (files.has(name) || chunk?.type !== 'chunk') return files
  files.add(name)
  for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style)
  for (const imported of chunk.imports) filesOf(bundle, imported, files)
  return files
}

/** Writes into the first page what public/before-paint.js has fetched ahead: see ahead.ts. */
function askAhead(): Plugin {
  return {
    name: 'ask-ahead',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((one) => one.type === 'chunk')
        const shell = new Set(
          chunks
            .filter(({ isEntry }) => isEntry)
            .flatMap(({ fileName }) => [...filesOf(bundle ?? {}, fileName)]),
        )
        const built = (module: string) => {
          const page = chunks.find(
            ({ facadeModuleId }) => facadeModuleId === join(import.meta.dirname, module),
          )
          if (!page) throw new Error(`ahead.ts names ${module}, which is no chunk of its own`)
          return [...filesOf(bundle ?? {}, page.fileName)]
        }
        const told = AHEAD.map(({ at, files, asks }) => ({
          at,
          files: bundle
            ? files
                .flatMap(built)
                .filter((name) => !shell.has(name))
                .map((name) => `/${name}`)
            : [],
          asks,
        }))
        const attrs = { type: 'application/json', id: 'ahead' }
        return [{ tag: 'script', attrs, children: JSON.stringify(told), injectTo: 'head-prepend' }]
      },
    },
  }
}

/** Writes the service worker, which knows the files of this build: see worker.js. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    async generateBundle(_, bundle) {
      const chunks = Object.values(bundle)
      const first = new Set<string>()
      for (const chunk of chunks)
        if (chunk.type === 'chunk' && chunk.isEntry) filesOf(bundle, chunk.fileName, first)
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
  plugins: [react(), askAhead(), serviceWorker(), precompress()],
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
            // Hundreds of small files take longer to ask for than to read: one holds what every page needs anyway, one
            // what so many need that nearly every page would load it.
            {
              name: 'shell',
              test: /node_modules|src[\\/](app|features|shared)[\\/]/,
              tags: ['$initial'],
              priority: 1,
            },
            {
              name: 'widgets',
              test: /node_modules/,
              minShareCount: 14,
              entriesAware: true,
              entriesAwareMergeThreshold: 15_000,
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
