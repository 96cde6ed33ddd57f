import { command } from '../../cli.ts'
import { addScheduleCommand } from './schedule/add.ts'
import {
  pauseScheduleCommand,
  removeScheduleCommand,
  resumeScheduleCommand,
  runScheduleCommand,
} from './schedule/change.ts'
import { listSchedulesCommand, showScheduleCommand } from './schedule/read.ts'

export const scheduleCommand = command({
  name: 'schedule',
  about: 'Start pipelines and agents by the clock. Cron expressions have a time zone.',
  commands: [
    addScheduleCommand,
    listSchedulesCommand,
    showScheduleCommand,
    pauseScheduleCommand,
    resumeScheduleCommand,
    runScheduleCommand,
    removeScheduleCommand,
  ],
  examples: [
    'schedule add report report.yaml --cron "0 8 * * 1-5" --zone Europe/Berlin',
    'schedule list',
    'schedule pause report',
  ],
})
