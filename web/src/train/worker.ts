/** The worker that trains: WebGPU, the base model, and the commands of the page. */
import config from '../../../models/pocket-base/config.json?url'
import generation from '../../../models/pocket-base/generation_config.json?url'
import weights from '../../../models/pocket-base/model.safetensors?url'
import tokenizer from '../../../models/pocket-base/tokenizer.json?url'
import tokenizerConfig from '../../../models/pocket-base/tokenizer_config.json?url'
import { openGpuDevice } from '../../../src/runtime/gpu-device.ts'
import { createWebgpuRuntime } from '../../../src/runtime/webgpu-runtime.ts'
import type { Command, TabEvent } from './messages.ts'
import { loadRun, saveRun } from './saved-run.ts'
import type { TabSettings } from './settings.ts'
import { openTrainer, type Trainer } from './trainer.ts'

const BASE = {
  'config.json': config,
  'generation_config.json': generation,
  'model.safetensors': weights,
  'tokenizer.json': tokenizer,
  'tokenizer_config.json': tokenizerConfig,
}

const tell = (event: TabEvent) =>
  event.is === 'kept' ? postMessage(event, { transfer: [event.zip.buffer] }) : postMessage(event)

let trainer: Trainer | undefined

async function open(settings: TabSettings): Promise<void> {
  const gpu = navigator.gpu as GPU | undefined
  if (gpu === undefined) return tell({ is: 'unable', webgpu: false, reason: 'This browser has no WebGPU.' })
  if ((await gpu.requestAdapter()) === null)
    return tell({
      is: 'unable',
      webgpu: true,
      reason: 'it finds no GPU. Graphics acceleration may be turned off in its settings.',
    })
  const files = Promise.all(
    Object.entries(BASE).map(async ([name, url]) => [name, await fetched(url)] as const),
  )
  const device = await openGpuDevice(async () => gpu, { allowSoftware: true })
  void device.lost.then(({ message }) => tell({ is: 'unable', webgpu: true, reason: message }))
  const saved = await loadRun().catch(() => undefined)
  trainer = await openTrainer({
    runtime: createWebgpuRuntime(device),
    base: Object.fromEntries(await files),
    settings,
    saved,
    tell,
    save: saveRun,
  })
  const { name, software } = device
  const record = saved?.record
  tell({
    is: 'ready',
    device: { name, software },
    step: trainer.step,
    settings: record?.settings ?? settings,
    reward: record?.reward,
  })
  for (const measured of record?.measured ?? []) tell({ is: 'measured', measured })
  for (const figures of record?.steps ?? []) tell({ is: 'step', figures })
  if (record?.group !== undefined) tell({ is: 'group', group: record.group })
  if (record?.reward !== undefined) await trainer.reward(record.reward)
}

async function fetched(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`The base model could not be loaded: ${response.status}.`)
  return new Uint8Array(await response.arrayBuffer())
}

async function obey(command: Command): Promise<void> {
  if (command.do === 'open') return await open(command.settings)
  if (trainer === undefined) return
  if (command.do === 'train') return await trainer.train(command.one)
  if (command.do === 'pause') return trainer.pause()
  if (command.do === 'settings') return trainer.change(command.settings)
  if (command.do === 'reward') return await trainer.reward(command.code)
  if (command.do === 'ask') return await trainer.ask(command.id, command.question)
  return await trainer.keep(command.what)
}

addEventListener('message', ({ data }: MessageEvent<Command>) => {
  obey(data).catch((error: Error) =>
    tell(
      data.do === 'open'
        ? { is: 'unable', webgpu: true, reason: error.message }
        : { is: 'problem', message: error.message },
    ),
  )
})
