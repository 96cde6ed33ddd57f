import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import Libsql from 'libsql'
import { expect, it } from 'vitest'
import { STORED_FORMAT } from '../../src/store/stored-format.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

it('every command refuses a data folder of an older format and leaves it as it is', async () => {
  const bench = openBench(REAL)
  const data = bench.path('.antiphon')
  mkdirSync(data, { mode: 0o755 })
  const database = new Libsql(`${data}/engine.db`)
  database.exec(`pragma user_version=${STORED_FORMAT - 1}`)
  database.close()
  const before = readFileSync(`${data}/engine.db`)
  const refused = expect.stringContaining(
    `was written by an older release of antiphon: expected format ${STORED_FORMAT}, found ${STORED_FORMAT - 1}.\n  Finish the runs`,
  )
  for (const command of ['runs', 'gc', 'doctor'])
    expect(await bench.run(command)).toMatchObject(
      command === 'doctor' ? { code: 1, out: refused } : { code: 2, err: refused },
    )
  expect(await bench.run('doctor')).toMatchObject({ out: expect.stringMatching(/^BAD {2}data /m) })
  expect(readdirSync(data)).toEqual(['engine.db'])
  expect(readFileSync(`${data}/engine.db`)).toEqual(before)
})
