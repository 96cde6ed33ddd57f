import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest'
import { createSandboxes } from '../../src/sandbox/choose.ts'
import { containers } from '../../src/sandbox/container/container.ts'
import { DEFAULT_SANDBOX_LIMITS } from '../../src/sandbox/sandbox.ts'
import { BOMBS } from '../../trials/sandbox/bombs.ts'
import { ESCAPE_ATTEMPTS, escapes, explode } from '../../trials/sandbox/find-escapes.ts'
import { type OpenEscapeTarget, openEscapeTarget } from '../../trials/sandbox/target.ts'
import { SUITE_LIMITS } from './limits.ts'

/** An image with sh, python3 and Node.js. */
const image = process.env.ANTIPHON_CONTAINER_IMAGE
const provider = containers(image)
const gap = image === undefined ? 'ANTIPHON_CONTAINER_IMAGE names no image' : (await provider.check())?.reason
const why = gap === undefined ? '' : ` (skipped: ${gap})`

/** A container takes longer to start than a process, and the seconds of a command count from there. */
const limits = { ...SUITE_LIMITS, seconds: 6 }

describe.skipIf(gap !== undefined)(`a container${why}`, () => {
  let target: OpenEscapeTarget
  beforeAll(async () => {
    target = await openEscapeTarget(provider, limits)
  })
  afterAll(() => target.close())

  const open = async (options: object = {}) => {
    const sandbox = await provider.open({ limits: DEFAULT_SANDBOX_LIMITS, ...options })
    onTestFinished(() => sandbox.close())
    return sandbox
  }

  test('runs a command with files, variables and an exit code', async () => {
    const sandbox = await open()
    await sandbox.write('a.txt', 'tide')
    const environment = { WORD: 'ebb' }
    const ended = await sandbox.run(['sh', '-c', 'cat a.txt; echo $WORD > out; id -u; exit 3'], { environment })
    expect(ended).toMatchObject({ ended: 'exit', code: 3, stdout: { text: `tide${process.getuid!() || 65534}\n` } })
    expect(await sandbox.list('.')).toMatchObject([{ path: 'a.txt' }, { path: 'out', size: 4 }])
  })

  test('shows mounts, read-only and without what is hidden', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-mount-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    execFileSync('chmod', ['755', folder])
    writeFileSync(join(folder, 'shown'), 'shown')
    writeFileSync(join(folder, 'hidden'), 'hidden')
    const sandbox = await open({ mounts: [{ path: folder }, { path: join(folder, 'hidden'), hidden: 'file' }] })
    const script = 'cat shown hidden; touch new && echo written'
    expect(await sandbox.run(['sh', '-c', script], { folder })).toMatchObject({ stdout: { text: 'shown' } })
  })

  test('ends at its seconds, when it is cancelled, and when its memory is used up', async () => {
    const sandbox = await open({ limits })
    expect(await sandbox.run(['sleep', '60'], { seconds: 2 })).toMatchObject({ ended: 'timeout' })
    expect(await sandbox.run(['sleep', '60'], { signal: AbortSignal.timeout(2000) })).toMatchObject({
      ended: 'cancelled',
    })
    const eater = ['python3', '-c', 'b = bytearray(400_000_000)'] as const
    expect(await sandbox.run(eater)).toMatchObject({ ended: 'limit', limit: 'memory' })
    expect(listed()).toEqual([])
  })

  test('talks over its streams', async () => {
    const sandbox = await open()
    let text = ''
    await sandbox.run(['cat'], {
      talk: ({ stdin, stdout }) => {
        stdout.on('data', (chunk) => (text += chunk))
        stdin.end('flow')
      },
    })
    expect(text).toBe('flow')
  })

  test.each(ESCAPE_ATTEMPTS)('holds code that $name', async (attempt) => {
    expect(await escapes(provider, limits, attempt, target)).toBe(false)
  })

  test.each(BOMBS)('holds code that $name, and ends it in time', async (bomb) => {
    const { elapsed, left } = await explode(provider, limits, bomb)
    expect(elapsed).toBeLessThan((limits.seconds + 1) * 1000)
    expect(left).toBe(0)
    expect(listed()).toEqual([])
  })
})

/** The containers of this process. */
function listed(): readonly string[] {
  for (const program of ['docker', 'podman']) {
    try {
      const args = ['ps', '--all', '--format', '{{.Names}}', '--filter', `name=antiphon-sandbox-${process.pid}-`]
      return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
        .split('\n')
        .filter(Boolean)
    } catch {}
  }
  return []
}

it('an image that is not there is named, and nothing is pulled', async () => {
  const found = await createSandboxes({ use: ['container'], image: 'antiphon.invalid/none:1' })
    .open()
    .then(
      () => undefined,
      (error) => error,
    )
  expect(found).toMatchObject({ code: 'sandbox_missing' })
  expect(found.hint).toMatch(/docker|podman/)
})
