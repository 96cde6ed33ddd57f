import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { CallParts, type OnceRecords } from '../../../src/tool/once/call-parts.ts'
import { loadPlugins } from '../../../src/tool/plugin/plugins.ts'
import { type CallContext, resultOfFailure } from '../../../src/tool/tool.ts'
import { contextAt, workFolder } from '../context.ts'

const place = workFolder()
const stops: AbortController[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort()
})

/** A tool with that code, in a process of its own. */
async function isolated(code: string, more = '') {
  const file = join(place.root, `${Math.random().toString(36).slice(2)}.mjs`)
  await writeFile(
    file,
    `const input = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
    export default [{ name: 'mine', description: 'a tool', effect: 'idempotent', isolation: 'process', input, ${more}
      execute: async (given, context) => { ${code} } }]`,
  )
  const [tool] = await loadPlugins([file], place.root)
  const stop = new AbortController()
  stops.push(stop)
  const deltas: Json[] = []
  const emit = (delta: Json) => void deltas.push(delta)
  const late: string[] = []
  const tellLate = (warning: string) => void late.push(warning)
  const context = contextAt(place.root, { signal: stop.signal, emit, tellLate })
  return { tool: tool!, stop, deltas, late, call: async (input: Json) => tool!.execute(input, context) }
}

describe('a tool in a process of its own', () => {
  it.each([
    ['at-most-once', 'unknown'],
    ['idempotent', 'internal'],
  ])('sees the cause of a connection that broke: %s', async (effect, code) => {
    const broken = `throw new TypeError('fetch failed', { cause: Object.assign(new Error('read'), { code: 'ECONNRESET' }) })`
    const whole = await isolated(broken, `effect: '${effect}',`)
    await expect(whole.call({})).rejects.toMatchObject({ code })
    const part = await isolated(`await context.once('pay', () => { ${broken} }, { effect: '${effect}' })`)
    await expect(part.call({})).rejects.toMatchObject({ code })
  })

  it('gets its input and its context, and sends its result and what it emits', async () => {
    const { call, deltas } = await isolated(
      `context.emit({ part: 1 }); return { pid: process.pid, given, key: context.idempotencyKey, root: context.root }`,
    )
    const first = (await call({ a: [1, null] })) as { pid: number }
    expect(first).toMatchObject({ given: { a: [1, null] }, key: 'call-1', root: place.root })
    expect(first.pid).not.toBe(process.pid)
    expect(deltas).toEqual([{ part: 1 }])
    // an idle process serves the next call, and calls at the same time have one each
    const [second, third] = (await Promise.all([call(2), call(3)])) as [{ pid: number }, { pid: number }]
    expect(second.pid).toBe(first.pid)
    expect(third.pid).not.toBe(first.pid)
  })

  it('fails a call that goes wrong, and the next call works', async () => {
    const faults: { readonly [what: string]: readonly [code: string, message: RegExp] } = {
      text: [`throw 'a text'`, /^mine threw a text instead of an Error: a text$/],
      date: [
        'return { at: new Map() }',
        /^The call of mine was made; its result does not fit at `at`: expected JSON, got a Map\.$/,
      ],
      exit: ['process.exit(0)', /^mine called process\.exit\(0\)$/],
      kill: [`process.kill(process.pid, 'SIGKILL')`, /^The process of mine crashed: it ended with SIGKILL$/],
      timer: [`setTimeout(() => { throw new Error('late') }); await new Promise(() => {})`, /late/],
    }
    const cases = Object.entries(faults).map(([what, [code]]) => `case '${what}': ${code}; break`)
    const { call } = await isolated(`switch (given) { ${cases.join('\n')} } return 'fine'`)
    for (const [what, [, message]] of Object.entries(faults)) {
      await expect(call(what), what).rejects.toThrow(message)
      expect(await call('well'), `after ${what}`).toBe('fine')
    }
  })

  it('reports each error that comes after the end of its call, even while it serves another', async () => {
    const { call, late } = await isolated(
      `setTimeout(() => { throw new Error('too late: ' + given) }, 20); await given; return process.pid`,
    )
    const [first, second] = [await call(1), await call(2)]
    expect(second).toBe(first)
    await expect
      .poll(() => late)
      .toEqual([
        'an error came after the call of mine had ended: too late: 1',
        'an error came after the call of mine had ended: too late: 2',
      ])
    expect(await call(3)).toBe(first)
  })

  it('cannot reach the runtime by its channel, and ends with it', async () => {
    const { call } = await isolated(
      `if (given === 'send') return typeof process.send
      process.disconnect(); await new Promise((resolve) => setTimeout(resolve, 60_000))`,
    )
    expect(await call('send')).toBe('undefined')
    await expect(call('disconnect')).rejects.toThrow('The process of mine crashed: it ended with code 0')
    expect(await call('send')).toBe('undefined')
  })

  it('leaves open whether an at-most-once call took place if its process crashes', async () => {
    const { call } = await isolated(`process.kill(process.pid, 'SIGTERM'); for (;;);`, `effect: 'at-most-once',`)
    await expect(call({})).rejects.toMatchObject({
      name: 'UnknownError',
      code: 'unknown',
      hint: undefined,
      message: 'The process of mine crashed: it ended with SIGTERM; it is unknown whether the call took place.',
    })
  })

  it('keeps the result of a failure', async () => {
    const { call } = await isolated(`const error = Object.assign(new Error('no rows'), {
      [Symbol.for('antiphon.error')]: true, [Symbol.for('antiphon.tool-failure')]: true, code: 'empty', result: { rows: 0 } })
      throw error`)
    const error = await call({}).then(undefined, (error: unknown) => error)
    expect(error).toMatchObject({ message: 'no rows', code: 'empty' })
    expect(resultOfFailure(error)).toEqual({ rows: 0 })
  })

  it('may use no more memory than it asked for', async () => {
    const { call } = await isolated('const all = []; for (;;) all.push(new Array(1000).fill(0))', 'memory: 32,')
    await expect(call({})).rejects.toMatchObject({
      message: expect.stringMatching(/^The process of mine crashed/),
      hint: 'It may have needed more than its 32 MB (`memory`).',
    })
  })

  it('is killed when its call is cancelled and does not end', async () => {
    const { call, stop, deltas } = await isolated('context.emit(process.pid); for (;;);')
    const called = call({})
    await expect.poll(() => deltas.length).toBe(1)
    stop.abort()
    await expect(called).rejects.toThrow('Cancelled while running.')
    expect(() => process.kill(Number(deltas[0]), 0)).toThrow('ESRCH')
  })
})

it.each([
  [`isolation: 'thread',`, '`isolation`: expected process, got "thread"'],
  [`memory: 8,`, '`memory`: expected megabytes, at least 16'],
  ['timeout: 0,', '`timeout`: expected seconds above 0'],
])('a plugin with %s is refused', async (more, fault) => {
  await expect(isolated('', more)).rejects.toThrow(fault)
})

describe('parts of a call in a process of its own', () => {
  /** What is recorded of the parts of a call, over all of its attempts. */
  function recording() {
    const ended = new Map<string, Json>()
    const begun = new Set<string>()
    const records: OnceRecords = {
      async find(name) {
        if (ended.has(name)) return { status: 'ended', value: ended.get(name)! }
        return begun.has(name) ? { status: 'begun' } : undefined
      },
      async begin(name) {
        begun.add(name)
        return undefined
      },
      async end(name, value) {
        ended.set(name, value)
        return value
      },
      fail: async (name) => void begun.delete(name),
    }
    const attempt = (root: string): CallContext => {
      const { once: _, ...context } = contextAt(root)
      const { signal, idempotencyKey } = context
      const { once } = new CallParts({ tool: 'mine', effect: 'idempotent', signal, idempotencyKey }, records)
      return { ...context, once }
    }
    return { ended, attempt }
  }

  it('are recorded outside of it, so a process that is killed repeats only what had not ended', async () => {
    const { tool } = await isolated(
      `const { once } = context
      const first = await once('first', ({ idempotencyKey }) => ({ pid: process.pid, idempotencyKey }))
      const [second] = await Promise.all([
        once('second', () => { if (!given.well) process.kill(process.pid, 'SIGKILL'); return 2 }),
        once('third', async () => {}),
      ])
      return { first, second, pid: process.pid }`,
    )
    const { ended, attempt } = recording()
    await expect(tool.execute({ well: false }, attempt(place.root))).rejects.toThrow('crashed: it ended with SIGKILL')
    const { first, second, pid } = (await tool.execute({ well: true }, attempt(place.root))) as {
      [field: string]: { pid: number; idempotencyKey: string }
    }
    expect(first!.pid).not.toBe(pid)
    expect(first!.idempotencyKey).toMatch(/^call-1\/[\w-]{22}$/)
    expect(second).toBe(2)
    expect(Object.fromEntries(ended)).toEqual({ first, second: 2, third: null })
  })

  it('are checked by name, fail with the error of their work, and are unknown after a crash if they must not be repeated', async () => {
    const cases: { readonly [what: string]: readonly [code: string, error: string] } = {
      error: [`once('a', () => { throw new Error('no line') })`, 'no line'],
      date: [
        `once('a', () => ({ at: new Map() }))`,
        'The part a of mine was made; its result does not fit at `at`: expected JSON, got a Map.',
      ],
      twice: [`once('a', () => 1).then(() => once('a', () => 1))`, 'uses the name "a" of `once` twice'],
      nameless: [`once('', () => 1)`, 'expected a name of 1 to 200 characters'],
      idle: [`once('a')`, 'expected a function'],
      kill: [`once('pay', () => process.kill(process.pid, 'SIGKILL'), { effect: 'at-most-once' })`, 'crashed'],
    }
    const lines = Object.entries(cases).map(([what, [code]]) => `case '${what}': return await ${code}`)
    const { tool } = await isolated(`const { once } = context; switch (given) { ${lines.join('\n')} }`)
    for (const [what, [, message]] of Object.entries(cases)) {
      const { attempt } = recording()
      await expect(tool.execute(what, attempt(place.root)), what).rejects.toThrow(message)
    }
    const { attempt } = recording()
    await expect(tool.execute('kill', attempt(place.root))).rejects.toThrow('crashed')
    await expect(tool.execute('kill', attempt(place.root))).rejects.toMatchObject({
      code: 'unknown',
      data: { once: 'pay' },
    })
  })
})
