import { claimFolder } from '../../src/store/data-folder/owner.ts'

const claimed = await claimFolder(process.argv[2]!, { command: 'claimant' })
console.log(claimed.taken ? `taken ${claimed.record?.pid}` : `owned ${claimed.epoch}`)
setInterval(() => {}, 1_000_000)
