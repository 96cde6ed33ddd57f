import { graduate } from '../../../src/runtime/graduate/graduate.ts'
import type { EngineName } from '../../../src/runtime/graduate/record.ts'
import { claimFolder } from '../../../src/store/owner.ts'

// node child.ts DATA TO ADMIN: a move that says what it does, to be killed
const [data = '', to, admin = ''] = process.argv.slice(2)
const owner = await claimFolder(data, { command: 'a move that is to be killed' })
if (owner.taken) throw new Error('the folder is taken')
console.log('begin')
await graduate({
  data,
  to: to as EngineName,
  restate: { admin: [admin] },
  onProgress: ({ doing }) => console.log(doing),
})
owner.release()
