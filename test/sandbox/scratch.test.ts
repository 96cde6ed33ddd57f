import { expect, onTestFinished, test } from 'vitest'
import { none } from '../../src/sandbox/none.ts'
import { SUITE_LIMITS } from './limits.ts'

async function sandboxAfter(script: string) {
  const sandbox = await none.open({ limits: SUITE_LIMITS })
  onTestFinished(() => sandbox.close())
  await sandbox.run(['sh', '-c', script])
  return sandbox
}

test('only regular files are listed and read, whatever code left', async () => {
  const script =
    'mkdir -p out/deep; echo x > out/deep/file; ln -s /etc/passwd out/link; ln -s / out/all; mkfifo out/pipe'
  const sandbox = await sandboxAfter(script)
  expect(await sandbox.list('out')).toEqual([{ path: 'out/deep/file', size: 2 }])
  for (const path of ['out/link', 'out/all/etc/passwd', 'out/pipe', 'out/deep', 'out/none'])
    await expect(sandbox.read(path)).rejects.toMatchObject({ name: 'NotFoundError' })
  for (const path of ['../x', 'out/../../x'])
    await expect(sandbox.read(path)).rejects.toMatchObject({ name: 'InvalidError' })
})

test('nothing is written through a link that code left', async () => {
  const sandbox = await sandboxAfter('ln -s /tmp folder; ln -s /tmp/antiphon-written file')
  for (const path of ['folder/antiphon-written', 'file']) await expect(sandbox.write(path, 'x')).rejects.toThrow()
})
