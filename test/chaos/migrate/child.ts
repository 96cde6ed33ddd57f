import { once } from 'node:events'
import { migrate } from '../../../src/runtime/migrate/migrate.ts'
import { claimFolder } from '../../../src/store/data-folder/owner.ts'
import type { Move } from './killed.ts'

// a move that is to be killed: it waits to be told what to move, and says what it does
const [told] = (await once(process.stdin, 'data')) as [Buffer]
const { data, to, admin } = JSON.parse(told.toString()) as Move
const owner = await claimFolder(data, { command: 'a move that is to be killed' })
if (owner.taken) throw new Error('the folder is taken')
console.log('begin')
await migrate({ data, to, restate: { admin: [admin] }, onProgress: ({ doing }) => console.log(doing) })
owner.release()
process.exit()
