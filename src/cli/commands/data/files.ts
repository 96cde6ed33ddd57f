import { command } from '../../cli.ts'
import { addFilesCommand } from './files/add.ts'
import { openFileCommand } from './files/open.ts'
import { listFilesCommand, removeFileCommand, showFileCommand } from './files/read.ts'

export const filesCommand = command({
  name: 'files',
  about: 'Add, list, open and remove files. A file is any bytes: a picture, a recording, a PDF.',
  commands: [addFilesCommand, listFilesCommand, showFileCommand, openFileCommand, removeFileCommand],
  examples: ['files add photo.png', 'files list', 'files open 1a2b3c4d --output photo.png'],
})
