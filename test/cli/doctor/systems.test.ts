import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { runHere } from '../here.ts'
import { REAL } from '../programs.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** A project with a tool that says how the system behind it is. */
function makeProject(health: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-systems-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  mkdirSync(join(folder, 'tools'))
  writeFileSync(join(folder, 'antiphon.yaml'), 'plugins: [tools/robot.mts]\nembedder: none\n')
  const source = `import { defineTool } from '${join(ROOT, 'src/index.ts')}'
import { z } from '${import.meta.resolve('zod')}'
export default defineTool({
  name: 'robot', description: 'Moves', effect: 'idempotent', input: z.object({}),
  capabilities: ['arms'], health: () => { ${health} }, execute: () => null,
})\n`
  writeFileSync(join(folder, 'tools/robot.mts'), source)
  writeFileSync(
    join(folder, 'move.yaml'),
    'name: move\nsteps: [{ id: a, control_system: robot, capabilities: [arms] }]\n',
  )
  return folder
}

it('doctor and status say how the systems behind tools are', async () => {
  const well = makeProject("return 'two arms'")
  expect((await runHere(REAL, ['doctor'], { folder: well })).out).toMatch(/^ok {3}systems +robot: two arms$/m)
  expect(await runHere(REAL, ['run', 'move.yaml'], { folder: well })).toMatchObject({ code: 0 })
  expect((await runHere(REAL, ['status'], { folder: well })).out).toMatch(/^ok +systems +robot: two arms$/m)
  const bad = makeProject("throw new Error('no arm answers')")
  const { code, out } = await runHere(REAL, ['doctor'], { folder: bad })
  expect([code, /^BAD {2}systems .*$/m.exec(out)?.[0]]).toEqual([1, 'BAD  systems   robot: no arm answers'])
  await runHere(REAL, ['run', 'move.yaml'], { folder: bad })
  const status = await runHere(REAL, ['status'], { folder: bad })
  expect([status.code, status.out]).toEqual([
    1,
    expect.stringMatching(/^degraded +systems +none works\n +robot: no arm/m),
  ])
})
