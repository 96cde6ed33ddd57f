import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

// Checks the types of ui/. The compiler also reads the modules of the client, whose types are those of Node and were
// checked with the rest of src/; where the types of the browser differ from them, nothing is wrong with the pages.

const ROOT = resolve(import.meta.dirname, '..')
// several checkers would each read most of the types
const { stdout } = spawnSync('npx', ['tsc', '--noEmit', '-p', 'ui', '--checkers', '1'], { cwd: ROOT, encoding: 'utf8' })
const faults = stdout.split('\n').filter((line) => /^ui\/|^error/.test(line))
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
