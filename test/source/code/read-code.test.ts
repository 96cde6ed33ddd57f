import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readCode } from '../../../src/source/code/read-code.ts'
import { readDocument, readerOf } from '../../../src/source/source.ts'
import { passagesOf } from '../../../src/source/split.ts'

const FILES = ['key-store.ts', 'checksum.ts', 'invoices.py', 'ferry.go', 'cache.rs']
const textOf = (name: string) => readFileSync(new URL(`./files/${name}`, import.meta.url), 'utf8')

test.each(FILES)('every line of %s that says something stands in exactly one unit', async (name) => {
  const text = textOf(name)
  const { units = [], gaps } = await readCode(name, text)
  const lines = units.flatMap(({ line, endLine }) => Array.from({ length: endLine - line + 1 }, (_, at) => line + at))
  const said = text.split('\n').flatMap((line, at) => (/[\p{L}\p{N}]/u.test(line) ? [at + 1] : []))
  expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b))
  expect(said.filter((line) => !lines.includes(line))).toEqual([])
  expect(units.map(({ start, end }) => text.slice(start, end))).toEqual(units.map((unit) => unit.text))
  expect(gaps).toEqual([])
})

test('a definition stands with its comment, and a long one becomes its head and its members', async () => {
  const { units = [] } = await readCode('key-store.ts', textOf('key-store.ts'))
  expect(units.map(({ line, endLine, heading }) => `${heading} L${line}-L${endLine}`)).toEqual([
    ' L1-L2',
    'class DamagedStoreError L4-L5',
    'constant MAX_KEY_LENGTH L7-L8',
    'type Entry L10-L10',
    'class KeyStore L12-L15',
    'class KeyStore › entries L16-L16',
    'class KeyStore › path L17-L17',
    'class KeyStore › constructor L19-L21',
    'class KeyStore › get L23-L27',
    'class KeyStore › put L29-L35',
    'class KeyStore › remove L37-L40',
    'class KeyStore › save L42-L45',
    'function openStore L47-L55',
    'function parseEntries L57-L59',
    'function checkKey L61-L64',
  ])
})

test.each([
  ['key-store.ts', 'method KeyStore › put 30-35 ', 'checkKey 31, has 32, set 33, checksumOf 33', ''],
  ['key-store.ts', 'function openStore 48-55 exported', 'KeyStore 49, parseEntries 50', 'throw new DamagedStoreError('],
  ['invoices.py', 'method Invoice › add_line 21-25 exported', 'ValueError 24, append 25', 'raise ValueError('],
  ['invoices.py', 'function _with_vat 47-48 ', 'int 48', ''],
  ['ferry.go', 'method Ferry › Book 27-36 exported', 'checkPlate 28, taken 31', 'return ErrFull'],
  ['ferry.go', 'function checkPlate 54-59 ', 'len 55, Errorf 56', 'return fmt.Errorf('],
  ['cache.rs', 'method Cache › evict 38-42 ', 'is_none 39, pop_front 39, panic 40', 'panic!('],
  ['cache.rs', 'function warm 52-58 exported', 'with_room 53, len 53, insert 55', ''],
])('%s: the facts of %s', async (name, symbol, calls, thrown) => {
  const { facts } = await readCode(name, textOf(name))
  const [, path] = /^\w+ (.*) \d/.exec(symbol)!
  const found = facts!.symbols.find((one) => one.path === path)!
  const { kind, line, endLine, exported } = found
  expect(`${kind} ${path} ${line}-${endLine} ${exported ? 'exported' : ''}`).toBe(symbol)
  const called = facts!.calls.filter(({ from }) => from === path).map((call) => `${call.name} ${call.line}`)
  expect(called.join(', ')).toContain(calls)
  expect(facts!.throws.find(({ from }) => from === path)?.text ?? '').toContain(thrown)
})

test.each([
  ['a.tsx', 'export { B as C }\nfunction A() { return <p/> }\nconst B = () => 1', 'function A, function B exported'],
  [
    'A.java',
    'public class A {\n  @Override\n  public int get() { return f(); }\n}',
    'class A exported, method A › get exported',
  ],
  ['a.cs', 'namespace N { public class A { int F() => 1; } }', 'module N, class N › A exported, method N › A › F'],
  ['a.c', 'static int f(void) { return 1; }\nint *g(int a) { return f(); }', 'function f, function g exported'],
  ['a.cpp', 'template <class T> int A<T>::get() const { throw 1; }', 'function A › get exported'],
  ['a.rb', 'module M\n  class A\n    def go! = 1\n  end\nend', 'module M, class M › A, method M › A › go!'],
  ['a.php', '<?php class A { function f() { return g(); } }', 'class A, method A › f'],
  ['a.sh', 'f() { g 1; }\nf', 'function f'],
])('reads %s', async (name, text, symbols) => {
  const { facts } = await readCode(name, text)
  const found = facts!.symbols.map(({ kind, path, exported }) => `${kind} ${path}${exported ? ' exported' : ''}`)
  expect(found.join(', ')).toBe(symbols)
})

test('code that does not parse gives what parses, and a gap with the line', async () => {
  const text = 'function a() {}\n\nfunction b( {\n\nfunction c() {}\n'
  const { facts, gaps } = await readCode('a.js', text)
  expect(facts!.symbols.map(({ name }) => name)).toContain('a')
  expect(gaps).toEqual(['line 3 does not parse as JavaScript, so definitions from there on may be missing'])
})

test.each([
  ['takes longer than 0 s', 'const a = 1\n'.repeat(2000), 0],
  ['it is longer than 1 MiB', ' '.repeat(1024 * 1024 + 1), undefined],
])('code is read in blocks of lines, since it %s', async (reason, text, deadline) => {
  const { units, gaps } = await readCode('a.ts', text, deadline)
  expect(units).toBeUndefined()
  expect(gaps).toEqual([expect.stringMatching(`^it is read in blocks of lines, since .*${reason}$`)])
})

test('definitions in each other have a bound, and a long line is cut', async () => {
  const deep = await readCode('a.ts', `${'function f(){'.repeat(500)}${'}'.repeat(500)}`)
  expect(deep.facts!.symbols.at(-1)!.path.split(' › ').length).toBeLessThan(30)
  const { units = [] } = await readCode('a.ts', `const a = '${'word '.repeat(1000)}'`)
  expect(units.every(({ text }) => text.length <= 600)).toBe(true)
})

test('a document of code has passages by definition, and its facts', async () => {
  const document = await readDocument('checksum.ts', Buffer.from(textOf('checksum.ts')))
  expect(document).toMatchObject({ modality: 'code', code: { language: 'TypeScript' }, gaps: [] })
  expect(passagesOf(document).map(({ locator, heading }) => `${heading} ${locator}`)).toEqual([
    'constant MODULUS L1',
    'function checksumOf L3-L11',
    'function unitsOf L13',
  ])
  expect([readerOf('a.ts'), readerOf('a.md')]).toEqual([2, 3])
})

test('without the parser, code is read in blocks of lines, and the gap says how to get the version that is known', async () => {
  const { peerDependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  const name = '@vscode/tree-sitter-wasm'
  onTestFinished(() => {
    vi.doUnmock('node:module')
    // later tests of this process find the parser
    vi.resetModules()
  })
  vi.resetModules()
  vi.doMock('node:module', () => ({
    createRequire: () => ({
      resolve: () => {
        throw new Error('Cannot find module')
      },
    }),
  }))
  const { readDocument, readerOf } = await import('../../../src/source/source.ts')
  const { gaps, code } = await readDocument('a.py', Buffer.from('a = 1\n\nb = 2\n'))
  expect(code).toBeUndefined()
  expect(gaps).toEqual([
    `it is read in blocks of lines, since the parser for Python is not installed (npm install "${name}@${peerDependencies[name]}")`,
  ])
  expect(readerOf('a.py')).toBe(1)
})
