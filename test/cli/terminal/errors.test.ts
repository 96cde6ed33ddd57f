import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { explainError, shortPath } from '../../../src/cli/terminal/errors.ts'
import { BusyError, CancelledError, InvalidError, NotFoundError } from '../../../src/errors.ts'

it('starts with the place and ends with the hint', () => {
  const place = { file: '/work/here/p.yaml', line: 3, column: 7 }
  const error = new InvalidError('The step "raed" is not known.', { place, hint: 'Did you mean "read"?' })
  expect(explainError(error, '/work/here')).toEqual({
    text: 'p.yaml:3:7: The step "raed" is not known.\n  Did you mean "read"?',
    exit: 2,
  })
})

it.each([
  [new NotFoundError('There is no run x.'), 2],
  [new BusyError('Later.'), 1],
  [new CancelledError(), 130],
])('gives %s its exit code', (error, exit) => {
  expect(explainError(error, '/')).toEqual({ text: error.message, exit })
})

it('explains errors of the system in a sentence', () => {
  try {
    readFileSync('/no/such/file')
    expect.unreachable()
  } catch (error) {
    expect(explainError(error, '/')).toEqual({ text: 'File not found: /no/such/file.', exit: 2 })
  }
})

it.each([null, undefined, 'enough'])('says what was thrown instead of an error: %j', (thrown) => {
  expect(explainError(thrown, '/')).toEqual({ text: `Something went wrong inside antiphon: ${thrown}`, exit: 1 })
})

it('says that the disk is full also where the system names no file', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  expect(explainError(full, '/')).toEqual({ text: 'The disk is full.', exit: 2 })
})

it('says what to do where a database is damaged', () => {
  const damaged = Object.assign(new Error('file is not a database'), { code: 'SQLITE_NOTADB' })
  expect(explainError(damaged, '/')).toEqual({
    text: 'The database of the data folder is damaged: file is not a database.\n  Restore a backup into a new folder: antiphon restore FILE --data DIR',
    exit: 1,
  })
})

it('shows no stack of a bug of ours', () => {
  const frame = `at run (${new URL('../../../src/run/room/open-port.ts', import.meta.url).href}:1:1)`
  const bug = Object.assign(new TypeError('x is not a function'), {
    stack: `TypeError: x is not a function\n    ${frame}`,
  })
  const { text, exit } = explainError(bug, '/')
  expect(text).toBe('Something went wrong inside antiphon: x is not a function')
  expect(exit).toBe(1)
})

it('shows where in the code of a user an error was thrown', () => {
  const { text, exit } = explainError(new TypeError('x is not a function'), '/')
  expect(text).toMatch(/^TypeError: x is not a function\n {2}at .*errors\.test\.ts:\d+:\d+/)
  expect(text).not.toContain('inside antiphon')
  expect(exit).toBe(1)
})

it('shortens a path only below the folder', () => {
  expect(shortPath('/a/b/c', '/a')).toBe('b/c')
  expect(shortPath('/x/c', '/a')).toBe('/x/c')
  expect(shortPath('c', '/a')).toBe('c')
  expect(shortPath('/a/two\nlines\u001b[31m\u202e.txt', '/a')).toBe('two\\nlines\\u001b[31m\\u202e.txt')
})
