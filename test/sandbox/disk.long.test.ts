import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'
import { SUITE_LIMITS } from './limits.ts'

const gap = await bubblewrap.check()
const limits = { ...SUITE_LIMITS, seconds: 20 }

async function open(bounds = limits) {
  const sandbox = await bubblewrap.open({ limits: bounds })
  onTestFinished(() => sandbox.close())
  return sandbox
}

const python = (code: string) => ['python3', '-c', `import os, sys\nblock = bytes(1_000_000)\n${code}`] as const

/** Prints the bytes that it could write before the first error, and fails. Each attack bounds itself to 100 MB. */
const COUNTED = (write: string) => `
written = 0
try:
    for number in range(100):
        ${write}
        written += len(block)
finally:
    print(written, flush=True)`

const DEEP = `
for level in range(100):
    os.mkdir('d' * 200)
    os.chdir('d' * 200)`

describe.skipIf(gap !== undefined)(`the disk of a sandbox${gap ? ` (skipped: ${gap.reason})` : ''}`, () => {
  test.each([
    ['below a path of 20,000 characters', `${DEEP}${COUNTED("open(str(number), 'wb').write(block)")}`],
    [
      'in open files that were removed',
      `kept = []${COUNTED("kept.append(open('x', 'wb', 0)); os.unlink('x'); kept[-1].write(block)")}`,
    ],
    ['in one file, at once', COUNTED("open('x', 'ab', 0).write(block)")],
    [
      'in a file with holes',
      COUNTED("os.pwrite(os.open('x', os.O_CREAT | os.O_WRONLY), block, number * 100_000_000 // 100)"),
    ],
    [
      'through the memory of a process',
      COUNTED(
        'import mmap; f = os.open(str(number), os.O_CREAT | os.O_RDWR); os.posix_fallocate(f, 0, len(block)); mmap.mmap(f, len(block))[:] = block',
      ),
    ],
    [
      'in a file larger than the disk',
      COUNTED('os.truncate(os.open(str(number), os.O_CREAT | os.O_WRONLY), 50_000_000)'),
    ],
    ['in /tmp', `os.chdir('/tmp')${COUNTED("open(str(number), 'wb').write(block)")}`],
    ['in /dev/shm', `os.chdir('/dev/shm')${COUNTED("open(str(number), 'wb').write(block)")}`],
  ])('ends what grows %s', async (_, code) => {
    const before = readdirSync(tmpdir())
    const sandbox = await open()
    const { ended, limit, stdout, stderr } = await sandbox.run(python(code))
    expect({ ended, limit }, stderr.text).toEqual({ ended: 'limit', limit: 'disk' })
    expect(Number(stdout.text)).toBeLessThanOrEqual(code.includes("chdir('/") ? limits.memory / 4 : limits.disk)
    await sandbox.close()
    expect(readdirSync(tmpdir()).filter((name) => !before.includes(name) && name.includes(`-${process.pid}-`))).toEqual(
      [],
    )
  })

  test.each(['.', '/tmp', '/dev/shm'])('counts files in %s, listed or not', async (folder) => {
    const sandbox = await open()
    const code = `os.chdir('${folder}'); kept = []
for number in range(900): kept.append(os.open('x', os.O_CREAT)); os.unlink('x')
open('x', 'w')
for number in range(1_000_000): os.link('x', f'x{number}')`
    expect(await sandbox.run(python(code))).toMatchObject({ ended: 'limit', limit: 'files' })
  })

  test('is full before memory is', async () => {
    const sandbox = await open()
    const code = "held = bytearray(100_000_000)\nwhile True: open('x', 'ab', 0).write(block)"
    expect(await sandbox.run(python(code))).toMatchObject({ ended: 'limit', limit: 'disk' })
  })

  test('is not full for code that handles it', async () => {
    const sandbox = await open()
    const code = `
try:
    for number in range(100): open(str(number), 'wb', 0).write(block)
except OSError as error: print(error.errno)`
    expect(await sandbox.run(python(code))).toMatchObject({ ended: 'exit', code: 0, stdout: { text: '28\n' } })
  })

  test('says so if the files of the caller do not fit', async () => {
    const sandbox = await open()
    await sandbox.write('big', new Uint8Array(limits.disk + 10_000))
    expect(await sandbox.run(['true'])).toMatchObject({ ended: 'limit', limit: 'disk' })
  })

  test('lasts from one command to the next, and for the caller', async () => {
    const sandbox = await open()
    await sandbox.write('given/first', 'one')
    expect(await sandbox.list('.')).toEqual([{ path: 'given/first', size: 3 }])
    await sandbox.run([
      'sh',
      '-c',
      'cat given/first > made; echo more >> given/first; ln -s /etc/passwd link; chmod 700 made',
    ])
    await sandbox.write('second', 'two')
    await sandbox.run(['sh', '-c', 'cat made second > all; rm second; [ -x made ] && [ -L link ] && echo kept > kept'])
    const textOf = async (path: string) => Buffer.from(await sandbox.read(path)).toString()
    expect(await sandbox.list('.')).toEqual(
      [
        ['all', 6],
        ['given/first', 8],
        ['kept', 5],
        ['made', 3],
      ].map(([path, size]) => ({ path, size })),
    )
    expect(await textOf('all')).toBe('onetwo')
    for (const path of ['link', 'second', 'given'])
      await expect(sandbox.read(path)).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  test('is not read while something still changes it', async () => {
    const sandbox = await open()
    const code =
      'mkdir out; (setsid sh -c "while :; do rm -f out/x; ln -s /etc/passwd out/x; rm -f out/x; echo > out/x; done") & sleep 0.1'
    await sandbox.run(['sh', '-c', code])
    const first = await sandbox.list('out')
    for (let time = 0; time < 50; time++) expect(await sandbox.list('out')).toEqual(first)
  })

  test('a path that is too long fails with a reason', async () => {
    const sandbox = await open()
    await sandbox.run(python(`os.mkdir('out')\nos.chdir('out')${DEEP}`))
    await expect(sandbox.list('out')).rejects.toMatchObject({ code: 'too_large' })
  })
})
