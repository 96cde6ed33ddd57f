import { spawnSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bubblewrap } from '../../../../src/sandbox/bubblewrap.ts'
import { adviceOn } from '../../../../src/tool/advice.ts'
import { javascriptTool } from '../../../../src/tool/builtin/code/javascript.ts'
import { pythonTool } from '../../../../src/tool/builtin/code/python.ts'
import type { ResultNote } from '../../../../src/tool/tool.ts'
import { call, contextAt, workFolder } from '../../context.ts'
import { services } from '../../services.ts'

/** Code that uses up what it has ends by one of its limits, or by an error of QuickJS. */
const BOUNDED: unknown = expect.stringMatching(/^(?:timeout|sandbox_limit|tool_failed)$/)
/** The code of what would compute for ever, or for long. */
const ENDLESS: readonly unknown[] = ['timeout', BOUNDED]
/** The message of code that never settles. */
const LATE = /took longer/

const place = workFolder()
const gap = await bubblewrap.check()
// a sandbox shows the programs of the system, and no other Python
const imported = spawnSync('python3', ['-c', 'import pandas'], { env: { PATH: '/usr/local/bin:/usr/bin:/bin' } })
const pandasGap = imported.status === 0 ? '' : ' (skipped: python3 has no pandas)'
const python = (input: object) => call(pythonTool, input, contextAt(place.root, { services: services() }))
const javascript = (input: object) => call(javascriptTool, input, contextAt(place.root, { services: services() }))

describe.skipIf(gap !== undefined)('python-executor', () => {
  test('takes values and files, and gives what it printed and wrote', async () => {
    await writeFile(join(place.root, 'tides.csv'), 'h\n1\n2\n')
    const code = `
import json, os
rows = open('tides.csv').read().split()[1:]
os.makedirs('out/deep')
open('out/deep/sum.txt', 'w').write(str(sum(map(int, rows))))
os.symlink('/etc/passwd', 'out/link')
print(json.dumps({'n': inputs['n'] + 1, 'rows': rows}))`
    const ended = await python({ code, inputs: { n: 41 }, files: ['tides.csv'], output_dir: 'made' })
    expect(ended).toMatchObject({
      return_code: 0,
      value: { n: 42, rows: ['1', '2'] },
      files: ['made/deep/sum.txt'],
      sandbox: 'bubblewrap',
    })
    expect(await readFile(join(place.root, 'made/deep/sum.txt'), 'utf8')).toBe('3')
    expect(await readdir(join(place.root, 'made'))).toEqual(['deep'])
  })

  test.skipIf(pandasGap !== '')(`has the pandas of this machine${pandasGap}`, async () => {
    await writeFile(join(place.root, 'tides.csv'), 'port,h\nBrest,4\nDover,6\nBrest,8\n')
    const code = `
import json, pandas
print(json.dumps(pandas.read_csv('tides.csv').groupby('port')['h'].mean().to_dict()))`
    expect(await python({ code, files: ['tides.csv'] })).toMatchObject({ value: { Brest: 6, Dover: 6 } })
  })

  test('never makes a value part of the program', async () => {
    const evil = `x"); import os; print('ran'); ("`
    expect(await python({ code: 'print(inputs["x"])', inputs: { x: evil } })).toMatchObject({ value: evil })
  })

  test.each([
    [
      'raise ValueError("no tide")',
      { code: 'tool_failed', message: 'The code ended with 1: ValueError: no tide', result: { return_code: 1 } },
    ],
    ['while True: pass', { code: 'timeout' }],
    [
      'import urllib.request; urllib.request.urlopen("http://127.0.0.1:1")',
      { code: 'tool_failed', message: expect.stringContaining('Connection refused') },
    ],
    ['open("out/x", "w").write("x")', { code: 'invalid_input', hint: 'Set `output_dir` to a folder.' }],
  ])('%s fails', async (code, error) => {
    // a sandbox starts slowly on busy cores; an endless program ends only by its timeout
    const timeout = error.code === 'timeout' ? 0.5 : 20
    await expect(python({ code, timeout })).rejects.toMatchObject(error)
  })

  test.each([
    ['holes in files', 'for n in range(20): os.truncate(os.open(f"out/{n}", os.O_CREAT | os.O_WRONLY), 2_000_000)'],
    [
      'links to the same file',
      'open("out/0", "wb").write(bytes(2_000_000))\nfor n in range(20): os.link("out/0", f"out/{n + 1}")',
    ],
  ])('%s do not become more bytes than its disk holds', async (_, code) => {
    const bounded = contextAt(place.root, { services: services({ sandbox: { disk: 20_000_000 } }) })
    const ended = call(pythonTool, { code: `import os\n${code}`, output_dir: 'holes' }, bounded)
    await expect(ended).rejects.toMatchObject({ code: 'too_large' })
    expect(await readdir(place.root)).not.toContain('holes')
  })

  test('says what is missing where no sandbox can run', async () => {
    const context = contextAt(place.root, { services: services({ sandbox: { use: [] } }) })
    await expect(call(pythonTool, { code: '1' }, context)).rejects.toMatchObject({ code: 'sandbox_missing' })
  })
})

describe('javascript-executor', () => {
  test('takes values and files, and gives what it returned, printed and wrote', async () => {
    await writeFile(join(place.root, 'tides.csv'), 'h\n1\n2\n')
    const code = `
const rows = files['tides.csv'].trim().split('\\n').slice(1).map(Number)
console.log('rows', rows)
write('deep/sum.txt', String(rows.reduce((a, b) => a + b)))
return { n: inputs.n + 1 }`
    expect(await javascript({ code, inputs: { n: 41 }, files: ['tides.csv'], output_dir: 'made' })).toMatchObject({
      value: { n: 42 },
      stdout: 'rows [1,2]\n',
      files: ['made/deep/sum.txt'],
      sandbox: 'quickjs',
    })
    expect(await readFile(join(place.root, 'made/deep/sum.txt'), 'utf8')).toBe('3')
  })

  test('finds nothing of the script before it', async () => {
    const code =
      'const before = globalThis.left ?? null; globalThis.left = 1; Array.prototype.left = 2; return before ?? [].left'
    expect(await javascript({ code })).toMatchObject({ value: 2 })
    expect(await javascript({ code: 'return [typeof left, typeof [].left]' })).toMatchObject({
      value: ['undefined', 'undefined'],
    })
  })

  test.each(['process', 'require', 'fetch', 'globalThis.std', 'globalThis.os', 'Worker', 'WebAssembly', 'setTimeout'])(
    'does not know %s',
    async (name) => {
      expect(await javascript({ code: `return typeof ${name}` })).toMatchObject({ value: 'undefined' })
    },
  )

  test.each([
    [
      'throw new TypeError("no tide")',
      { code: 'tool_failed', message: 'The code failed: TypeError: no tide (line 1)' },
    ],
    [
      'let a = 1\nfoo()',
      { code: 'tool_failed', message: 'The code failed: ReferenceError: foo is not defined (line 2)' },
    ],
    ['return import("node:fs")', { code: 'tool_failed', message: expect.stringContaining('could not load module') }],
    [
      'return (async () => {}).constructor("return process")()',
      { code: 'tool_failed', message: expect.stringContaining('process is not defined') },
    ],
    [
      'return (function f() { return f() + 1 })()',
      { code: 'tool_failed', message: expect.stringContaining('call stack') },
    ],
    ['await new Promise(() => {})', { code: 'tool_failed', message: expect.stringContaining('waits for a promise') }],
    ['while (true) {}', { code: 'timeout' }],
    ['return { get a() { while (true) {} } }', { code: 'timeout' }],
    ['const a = []; while (true) a.push(new Uint8Array(1e6))', { code: 'sandbox_limit' }],
    ['return "x".repeat(5e6)', { code: 'sandbox_limit' }],
    ['for (let n = 0; ; n++) console.log("x".repeat(1e5))', { code: BOUNDED }],
    ['for (let n = 0; n < 1e6; n++) write("f" + n, "")', { code: BOUNDED }],
    ['const a = []; for (;;) a.push(Promise.resolve().then(() => a))', { code: BOUNDED }],
    ['await (async function again() { await 0; return again() })()', { code: BOUNDED }],
    ['/^(a+)+$/.test("a".repeat(50) + "b")', { code: 'timeout' }],
    ['return 2n ** (2n ** 40n)', { code: 'tool_failed' }],
    ['return new Array(2 ** 32 - 1).fill(0)', { code: BOUNDED }],
    ['return new Proxy({}, { ownKeys() { while (true) {} } })', { code: BOUNDED }],
    ['throw { get message() { while (true) {} } }', { code: 'timeout' }],
    ['throw { toString() { while (true) {} }, [Symbol.toPrimitive]() { while (true) {} } }', { code: /./ }],
    ['const x = {}; x.x = x; return x', { code: 'tool_failed', message: expect.stringContaining('contains itself') }],
    ['return { a: [1, { b: NaN }] }', { message: expect.stringMatching(/wrong at a\[1\]\.b: expected JSON, got NaN/) }],
    ['return new Map()', { message: expect.stringContaining('got a Map') }],
    ['return { id: 10n }', { message: expect.stringContaining('at id: expected JSON, got a BigInt') }],
    ['write("../x", "y")', { code: 'invalid_input' }],
    ['write("first", "x"); write(".", "y")', { code: 'invalid_input' }],
  ])('%s fails', async (code, error) => {
    // reaching an error or a limit takes longer on busy cores; a case that computes for ever ends only by its timeout
    const timeout = 'code' in error && ENDLESS.includes(error.code) ? 0.4 : 25
    await expect(javascript({ code, timeout, output_dir: 'made' })).rejects.toMatchObject(error)
  })

  test('tells that what it printed is cut', async () => {
    const notes: ResultNote[] = []
    const tell = (note: ResultNote) => void notes.push(note)
    const context = contextAt(place.root, { services: services(), tell })
    const code = 'console.log("a" + "\u{1f600}".repeat(2_000_000)); return 1'
    const ended = await call(javascriptTool, { code }, context)
    expect(ended).toMatchObject({ value: 1, truncated: true, stdout_size: 4_000_002 })
    const stdout = String(ended.stdout)
    expect([stdout.length, stdout.isWellFormed()]).toEqual([3_999_999, true])
    expect(notes).toEqual([{ lacks: 'stdout has 4000002 characters, and the result only the first 3999999' }])
  })

  test.each(['.', '..', '', './', 'a/', 'a/.', 'a/..', 'a/../..', '/x', 'a\0'])(
    '%j is not a file to write',
    async (name) => {
      const code = `write(${JSON.stringify(name)}, "y")`
      await expect(javascript({ code, output_dir: 'folders' })).rejects.toMatchObject({ code: 'invalid_input' })
    },
  )

  test.each([
    ['JSON.stringify = () => "{}"; return { x: 1 }', { x: 1 }],
    // the code decides about its own value
    ['Object.prototype.toJSON = () => 666; return { x: 1 }', 666],
    ['Promise.prototype.then = () => 5; return { x: 1 }', { x: 1 }],
    [
      'Object.defineProperty(Object.prototype, "value", { get() { return "{}" }, set() {} }); return { x: 1 }',
      { x: 1 },
    ],
    ['return JSON.parse(\'{"__proto__": {"polluted": true}}\')', JSON.parse('{"__proto__": {"polluted": true}}')],
    ['return typeof this.constructor.constructor("return globalThis")().process', 'undefined'],
    ['Error.prepareStackTrace = (_, frames) => frames[0].getThis(); return new Error().stack', null],
    ['return eval("1") + Reflect.construct(Function, ["return typeof process"])()', '1undefined'],
    ['Array.prototype[Symbol.iterator] = () => { throw 1 }; return [1]', [1]],
    ['globalThis.inputs = null; globalThis.files = null; return { x: 1 }', { x: 1 }],
    ['return { get x() { return JSON } , toJSON: undefined }', { x: {} }],
  ])('%s harms nothing here, and gives its value', async (code, value) => {
    expect((await javascript({ code })).value).toEqual(value)
    expectUnharmed()
  })

  test.each([
    ['globalThis.console.log.constructor("return process")()', /process is not defined/],
    ['return [].map.constructor.call.call(Function, null, "return process")()', /process is not defined/],
    ['return import.meta', /import.meta only valid in module code/],
    ['Object.prototype.then = (done) => done({ value: "taken" }); return { x: 1 }', LATE],
  ])('%s harms nothing here, and fails', async (code, message) => {
    const failed = { message: expect.stringMatching(message), result: { value: null, files: [] } }
    await expect(javascript({ code, timeout: message === LATE ? 0.4 : 25 })).rejects.toMatchObject(failed)
    expectUnharmed()
  })
})

function expectUnharmed(): void {
  expect([JSON.stringify({ a: 1 }), ({} as { polluted?: boolean }).polluted]).toEqual(['{"a":1}', undefined])
}

test('the error says how to install python3 if it is missing', async () => {
  const where = process.env.PATH
  onTestFinished(() => {
    process.env.PATH = where
  })
  process.env.PATH = '/nowhere'
  const context = contextAt(place.root, { services: services({ sandbox: { use: ['none'] } }) })
  const failed = { code: 'python_missing', message: 'python3 is not installed on this machine', hint: /python3/ }
  await expect(call(pythonTool, { code: '1' }, context)).rejects.toMatchObject({
    ...failed,
    hint: expect.stringMatching(failed.hint),
    result: { return_code: 127, sandbox: 'none' },
  })
})

test.each([pythonTool, javascriptTool])('$name warns of a template in its code', (tool) => {
  expect(adviceOn(tool, { code: 'print({{ x }})' })).toMatchObject([{ warning: 'template_in_code', parameter: 'code' }])
  expect(adviceOn(tool, { code: 'print(inputs)' })).toEqual([])
})
