import { expect, it } from 'vitest'
import { describeMedia } from '../../../src/cli/doctor/media.ts'
import { missingOf } from '../../source/media/make.ts'

const PROGRAMS = ['ffmpeg', 'tesseract', 'pdftoppm']
const missing = missingOf(...PROGRAMS)
/** No provider has this name. */
const NOWHERE = { sandbox: { use: ['nowhere'] } }

it.skipIf(missing)('programs without a sandbox are gaps, with the setting that allows them', async () => {
  const refused = await describeMedia(NOWHERE)
  expect(refused).toMatch(/^read with @antiphon\/media; no sandbox can run here.*`media: \{ unsandboxed: true \}`/)
  expect(refused.match(/unsandboxed/g)).toHaveLength(1)
  const allowed = await describeMedia({ ...NOWHERE, media: { unsandboxed: true } })
  for (const program of PROGRAMS) expect(allowed).toContain(program)
  expect(allowed).not.toContain('unsandboxed')
})
