import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const RUNTIME = pathToFileURL(join(import.meta.dirname, '../../src/runtime/open/open-runtime.ts')).href
const PROGRAM = `
import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({
  resolve(name, context, next) {
    loaded.add(name)
    return next(name, context)
  },
})
await import(${JSON.stringify(RUNTIME)})
console.log(JSON.stringify([...loaded]))
`

it('loads neither what runs programs nor what a cluster takes before it is needed', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', PROGRAM])
  const loaded: readonly string[] = JSON.parse(stdout)
  expect(loaded).toContain('zod')
  expect(loaded.filter((name) => ['execa', 'node:http2', '@restatedev/restate-sdk'].includes(name))).toEqual([])
})
