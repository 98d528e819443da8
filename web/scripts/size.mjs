// What a browser loads at first (sign-in page and shell), and for each page after it, in kB of gzip. Fails above the budget.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const FIRST = 320
const PAGE = 600

const folder = process.argv[2] ?? join(import.meta.dirname, '../../src/foresail/web_dist')
const manifest = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8'))

/** The files of some chunks and of all that they import at once. */
function filesOf(keys, files = new Set()) {
  for (const key of keys) {
    const { file, css = [], imports = [] } = manifest[key]
    if (files.has(file)) continue
    for (const name of [file, ...css]) files.add(name)
    filesOf(imports, files)
  }
  return files
}

const sizes = new Map()
function kilobytes(files) {
  let total = 0
  for (const file of files) {
    if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(join(folder, file)), { level: 9 }).length)
    total += sizes.get(file)
  }
  return total / 1000
}

/** What chunks load a moment later, such as the charts; not the English texts, and not what waits for a click. */
function laterThan(keys, seen = new Set()) {
  const later = []
  for (const key of keys) {
    if (seen.has(key)) continue
    seen.add(key)
    const { imports = [], dynamicImports = [] } = manifest[key]
    later.push(
      ...dynamicImports.filter((name) => !/locales\/|Drawer|Modal|Dialog|Editor|Picker|Tab\.tsx/.test(name)),
      ...laterThan(imports, seen),
    )
  }
  return later
}

const SHELL = 'index.html'
const pages = Object.keys(manifest).filter(
  (key) => /\/\w+Page\.tsx$/.test(key) && manifest[key].isDynamicEntry,
)
const ofShell = new Set(laterThan([SHELL]))
const rows = [
  ['first load', kilobytes(filesOf([SHELL, 'src/features/people/SignInPage.tsx'])), FIRST],
  ...pages.map((key) => {
    const later = laterThan([key]).filter((name) => !ofShell.has(name))
    return [key.replace(/.*\//, ''), kilobytes(filesOf([SHELL, key, ...later])), PAGE]
  }),
]
for (const [name, size, limit] of rows)
  process.stdout.write(
    `${name.padEnd(20)} ${size.toFixed(1).padStart(7)} kB gzip of ${limit}${size > limit ? '  TOO LARGE' : ''}\n`,
  )
process.exit(rows.some(([, size, limit]) => size > limit) ? 1 : 0)
