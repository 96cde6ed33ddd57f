import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { POSTCHAIN_ROUTES } from '../../src/http/compat/routes.ts'

const PAGE = await readFile(join(import.meta.dirname, '../../docs/migrating-from-choir.md'), 'utf8')

test('the tables name every path that is answered, and those that are refused where they say so', () => {
  const [here = '', absent = ''] = PAGE.split('## Paths without support')
  const pathsIn = (text: string) =>
    text.split('\n').flatMap((line) => (line.startsWith('| `') ? [...line.matchAll(/`((?:GET|POST) \/[^`]*)`/g)] : []))
  const told = (text: string) => pathsIn(text).map(([, path]) => path)
  const routes = (isAbsent: boolean) =>
    POSTCHAIN_ROUTES.filter(({ errors = [] }) => errors.includes('not_offered') === isAbsent)
  const named = (isAbsent: boolean) => routes(isAbsent).map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  expect(told(here).sort()).toEqual(named(false).sort())
  expect(told(absent).sort()).toEqual(named(true).sort())
})
