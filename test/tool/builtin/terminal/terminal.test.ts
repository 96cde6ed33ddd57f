import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { executeTool } from '../../../../src/tool/builtin/terminal/terminal.ts'
import { type ResultNote, resultOfFailure } from '../../../../src/tool/tool.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const execute = (command: string, more: object = {}) => call(executeTool, { command, ...more }, contextAt(place.root))
const failureOf = (command: string, more: object = {}) =>
  execute(command, more).then(
    () => {
      throw new Error('it did not fail')
    },
    (error: Error) => ({ error, result: resultOfFailure(error) }),
  )

describe('a command that succeeds', () => {
  it('answers its output and how it ran', async () => {
    const result = await execute('echo ok')
    expect(result).toEqual({
      command: 'echo ok',
      return_code: 0,
      stdout: 'ok\n',
      stderr: '',
      working_dir: '.',
      execution_time: expect.any(Number),
    })
    expect(result.execution_time).toBeLessThan(10)
  })

  it('runs in its folder, which is made if need be', async () => {
    expect(await execute('pwd', { working_dir: 'a/b' })).toMatchObject({
      stdout: `${join(place.root, 'a/b')}\n`,
      working_dir: 'a/b',
    })
    expect(await execute('pwd', { cwd: 'c' })).toMatchObject({ stdout: `${join(place.root, 'c')}\n` })
  })

  it('gets nothing on its input', async () => {
    expect(await execute('cat')).toMatchObject({ stdout: '', return_code: 0 })
  })

  it('loses a leading exclamation mark, and its output when that is not wanted', async () => {
    expect(await execute('! echo ok', { capture_output: false })).toMatchObject({ command: 'echo ok', stdout: '' })
  })

  it('may use a shell when told so', async () => {
    const result = await execute('echo a > x && cat x | tr a b; echo $((1+1)) >&2', { shell: true })
    expect(result).toMatchObject({ stdout: 'b\n', stderr: '2\n' })
    expect(await readdir(place.root)).toEqual(['x'])
  })
})

describe('a command that fails', () => {
  it('keeps its output beside the problem, and is not tried again', async () => {
    const { error, result } = await failureOf('echo partial; echo broken >&2; exit 3', { shell: true })
    expect(error).toMatchObject({ name: 'TerminalError', code: 'tool_failed', terminal: true })
    expect(error.message).toBe('Command failed with exit code 3: broken (echo partial; echo broken >&2; exit 3)')
    expect(result).toMatchObject({ return_code: 3, stdout: 'partial\n', stderr: 'broken\n' })
  })

  it('counts a signal as 128 and its number', async () => {
    const { error, result } = await failureOf('kill -9 $$', { shell: true })
    expect(error.message).toBe('Command was killed by SIGKILL: kill -9 $$')
    expect(result).toMatchObject({ return_code: 137 })
  })

  it.each([
    ['no-such-program a', { code: 'not_found', message: 'Command not found: no-such-program' }],
    ['./not-executable', { code: 'not_found', message: 'Command not found: ./not-executable' }],
    ['', { name: 'InvalidError' }],
    [' ! ', { name: 'InvalidError' }],
    ["echo 'open", { name: 'InvalidError' }],
  ])('%s is refused before anything runs', async (command, problem) => {
    await writeFile(join(place.root, 'not-executable'), '')
    await expect(execute(command)).rejects.toMatchObject(problem)
  })

  it.each([{ working_dir: '/' }, { cwd: '..' }])('outside the roots with %j is refused', async (more) => {
    await expect(execute('echo ok', more)).rejects.toMatchObject({ code: 'outside_root' })
  })
})

describe('a command that only a shell understands', () => {
  it('is refused with the way out', async () => {
    const refused = execute('ls | wc -l')
    await expect(refused).rejects.toMatchObject({
      name: 'InvalidError',
      code: 'shell_needed',
      message: 'command: `|` needs a shell: ls | wc -l',
      hint: expect.stringMatching(/^Set `shell: true` to run it by `sh -c`/),
    })
  })
})

describe('the environment of a command', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('holds only PATH, HOME, LANG, TZ and what the step names', async () => {
    vi.stubEnv('API_KEY', 'secret')
    vi.stubEnv('TZ', 'UTC')
    const { stdout } = await execute('env', { env: { COLOUR: 'blue', COUNT: 3 } })
    const names = String(stdout)
      .split('\n')
      .map((line) => line.split('=')[0])
    expect(names).toEqual(expect.arrayContaining(['PATH', 'TZ', 'COLOUR', 'COUNT']))
    const allowed = ['PATH', 'HOME', 'LANG', 'TZ', 'COLOUR', 'COUNT', '']
    expect(names.filter((name) => !allowed.includes(name!))).toEqual([])
  })

  it('may hold a PATH with nothing on it but the program', async () => {
    await mkdir(join(place.root, 'bin'))
    await writeFile(join(place.root, 'bin', 'hello'), '#!/bin/sh\necho hi\n', { mode: 0o755 })
    expect(await execute('hello', { env: { PATH: join(place.root, 'bin') } })).toMatchObject({ stdout: 'hi\n' })
  })

  it('takes only names that are names', async () => {
    await expect(execute('env', { env: { 'A=B': 'x' } })).rejects.toMatchObject({ name: 'InvalidError' })
  })
})

describe('output without end', () => {
  it('is cut at 1 MiB per stream, at a whole character; the size and all of it stand beside the data', async () => {
    const notes: ResultNote[] = []
    const context = contextAt(place.root, { tell: (note) => void notes.push(note) })
    const command = `node -e "process.stdout.write('x' + 'ü'.repeat(1024 * 1024))"`
    const result = await call(executeTool, { command, shell: true }, context)
    expect(result).toMatchObject({ truncated: true, stdout_size: 2 * 1024 * 1024 + 1, stderr: '' })
    expect(result).not.toHaveProperty('stderr_size')
    expect(result.stdout).toBe(`x${'ü'.repeat(512 * 1024 - 1)}`)
    const all = `x${'ü'.repeat(1024 * 1024)}`
    const lacks = 'stdout has 2097153 bytes, and the result only the first 1048576'
    expect(notes).toEqual([{ lacks, whole: { field: 'stdout', text: all } }])
  })

  it.each([
    ["printf 'M\\374ller'", {}, 'Müller', 'stdout was read as windows-1252'],
    ["printf '\\376\\377\\000M\\000\\374'", {}, 'Mü', 'stdout was read as utf-16be'],
    ["printf '\\223\\372'", { encoding: 'shift_jis' }, '日', undefined],
    ["printf 'gr\\303\\274n \\377'", {}, 'grün \ufffd', 'the bytes that cannot be read are shown as U+FFFD'],
  ])('%s is read in its encoding', async (command, more, stdout, note) => {
    const notes: ResultNote[] = []
    const context = contextAt(place.root, { tell: (told) => void notes.push(told) })
    expect(await call(executeTool, { command, ...more }, context)).toMatchObject({ stdout })
    expect(JSON.stringify(notes)).toContain(note ?? '[]')
  })
})

describe('several lines of a shell', () => {
  const lines = 'echo a\nfalse\necho b\n'

  it('go on after a failure, unless the call says that they stop', async () => {
    expect(await execute(lines, { shell: true })).toMatchObject({ stdout: 'a\nb\n' })
    const { error, result } = await failureOf(lines, { shell: true, stop_on_error: true })
    expect(error.message).toContain('exit code 1 (it stops at the first line that fails)')
    expect(result).toMatchObject({ stdout: 'a\n', return_code: 1 })
  })

  it('stop, and one line with semicolons does not', async () => {
    expect(await execute('false; echo b', { shell: true, stop_on_error: true })).toMatchObject({ stdout: 'b\n' })
  })
})
