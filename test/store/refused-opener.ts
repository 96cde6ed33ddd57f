import { problemOf } from '../../src/errors.ts'
import { openDatabase } from '../../src/store/database/open.ts'
import { OPTIONS } from './wal/schema.ts'

/** Opens a database, says how that failed, and ends. */
await openDatabase({ path: process.argv[2]!, ...OPTIONS, writer: 'main' }).then(
  () => console.log('opened'),
  (error) => console.log(problemOf(error).code),
)
