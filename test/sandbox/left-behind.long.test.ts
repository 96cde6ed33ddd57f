import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removeAbandoned } from '../../src/sandbox/abandoned.ts'
import { createSandboxes } from '../../src/sandbox/choose.ts'
import { none } from '../../src/sandbox/none.ts'
import { removeTree } from '../../src/sandbox/scratch/remove.ts'
import { exceededIn } from '../../src/sandbox/scratch/usage.ts'
import { SUITE_LIMITS } from './limits.ts'

function folder() {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-left-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  return base
}

/** What code can leave that is hard to remove, or to count. */
const STUBBORN = {
  'paths longer than the system takes':
    'for n in range(300): os.mkdir("d" * 100); os.mkdir("e"); os.chdir("d" * 100)\nopen("big", "wb").write(bytes(5_000_000))',
  'names that are not text': 'os.mkdir(b"\\xff"); open(b"\\xff/\\xfe", "wb").write(bytes(5_000_000))',
  'folders that their mode closes':
    'os.makedirs("a/b/c"); open("a/b/big", "wb").write(bytes(5_000_000)); os.chmod("a/b", 0); os.chmod("a", 0o500)',
  'names that the removal itself uses':
    'for n in range(70): os.mkdir("d"); open("moved-0", "w"); os.chdir("d")\nopen("big", "wb").write(bytes(5_000_000))',
}

function leave(base: string, code: string): string {
  const path = join(base, 'left')
  mkdirSync(path)
  execFileSync('python3', ['-c', `import os\n${code}`], { cwd: path })
  return path
}

test.each(Object.entries(STUBBORN))('removes %s', async (_, code) => {
  const base = folder()
  await removeTree(leave(base, code))
  expect(readdirSync(base)).toEqual([])
})

test('removes links and not what they lead to', async () => {
  const base = folder()
  mkdirSync(join(base, 'kept/deep'), { recursive: true })
  writeFileSync(join(base, 'kept/file'), 'x')
  await removeTree(
    leave(base, 'os.symlink("../kept", "link"); os.symlink("../kept/file", "file"); os.link("../kept/file", "hard")'),
  )
  expect(readdirSync(join(base, 'kept')).sort()).toEqual(['deep', 'file'])
  execFileSync('ln', ['-s', join(base, 'kept'), join(base, 'root')])
  await expect(removeTree(join(base, 'root'))).rejects.toThrow()
  expect(existsSync(join(base, 'kept/file'))).toBe(true)
})

test.each(Object.values(STUBBORN))('counts it: %s', async (code) => {
  const left = leave(folder(), code)
  expect(['disk', 'files']).toContain(await exceededIn(left, { disk: 4_000_000, files: 100 }))
  await removeTree(left)
})

test('a process removes what an earlier one left, however deep', async () => {
  const base = folder()
  const left = join(base, 'antiphon-sandbox-999999999-1-x')
  mkdirSync(left)
  leave(left, STUBBORN['paths longer than the system takes'])
  await removeAbandoned(base)
  expect(readdirSync(base)).toEqual([])
})

test('people hear once that a disk is only watched', async () => {
  const heard: string[] = []
  const sandboxes = createSandboxes({ ...SUITE_LIMITS, use: ['none'] }, { notice: (line) => heard.push(line) })
  for (const sandbox of [await sandboxes.open(), await sandboxes.open()]) await sandbox.close()
  expect(heard).toEqual(['the sandbox none: its disk is only watched; code may exceed `disk` for a moment'])
})

test('a watched disk ends code that hides files below a long path', async () => {
  const sandbox = await none.open({ limits: { ...SUITE_LIMITS, seconds: 20 } })
  const code = `import os, time\n${STUBBORN['paths longer than the system takes']}\ntime.sleep(15)`
  expect(await sandbox.run(['python3', '-c', code])).toMatchObject({ ended: 'limit', limit: 'files' })
  await sandbox.close()
  expect(existsSync(sandbox.folder)).toBe(false)
})
