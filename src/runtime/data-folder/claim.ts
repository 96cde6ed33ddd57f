import { DATA_FOLDER_HINT, dataFolderFault } from '../../config/data-folder.ts'
import { InvalidError, TerminalError } from '../../errors.ts'
import { claimFolder, type FolderOwner } from '../../store/data-folder/owner.ts'
import { isThisProcess, ownerInWords } from '../../store/data-folder/owner-record.ts'

const ONE = 'Open the folder once in a process, or stop the earlier runtime first.'

/** Claims the data folder for this process. The error `owned` names the process that has it. */
export async function claimData(data: string): Promise<FolderOwner> {
  // a program may have changed the configuration that it loaded
  const fault = dataFolderFault(data)
  if (fault !== undefined) throw new InvalidError(`Data folder: ${fault}`, { hint: DATA_FOLDER_HINT })
  const claimed = await claimFolder(data, { command: 'createRuntime' })
  if (!claimed.taken) return claimed
  const { record } = claimed
  throw new TerminalError(`The data folder ${data} belongs to ${ownerInWords(record)}.`, {
    code: 'owned',
    ...(record && isThisProcess(record) && { hint: ONE }),
  })
}
