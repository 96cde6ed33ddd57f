/**
 * @antiphon/media: lets antiphon read PDF, DOCX, pictures, recordings and films, and draw charts. Install it beside
 * antiphon, which finds it when a file needs it. Each library is loaded when it is needed.
 */

import { defineExtension, type Extension } from 'antiphon/extend'
import { charts } from './charts.ts'
import { docxReader } from './docx.ts'
import { pdfReader } from './pdf.ts'
import { pictureReader } from './picture.ts'
import { recordingReader } from './recording.ts'

const media: Extension = defineExtension({
  name: '@antiphon/media',
  version: '0.1.0',
  readers: [pdfReader, docxReader, pictureReader, recordingReader],
  charts,
})

export default media
