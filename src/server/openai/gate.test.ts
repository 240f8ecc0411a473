import { describe, expect, it } from 'vitest'
import { createGate } from './gate.ts'

const patient = new AbortController().signal

describe('gate', () => {
  it('lets in as many as there are places, the others in order', async () => {
    const gate = createGate({ places: 2, queue: 9 })
    const order: string[] = []
    const enter = async (name: string, count: number) => {
      const { leave } = await gate.enter(count, patient)
      order.push(name)
      return leave
    }
    const a = await enter('a', 2)
    const b = enter('b', 2)
    const c = enter('c', 1)
    a()
    await new Promise(setImmediate)
    // One place is free and c would fit, but b was first.
    expect({ order, running: gate.running, waiting: gate.waiting }).toEqual({
      order: ['a'],
      running: 1,
      waiting: 2,
    })
    a()
    const leave = await b
    leave()
    ;(await c)()
    leave()
    expect({ order, running: gate.running, waiting: gate.waiting }).toEqual({
      order: ['a', 'b', 'c'],
      running: 0,
      waiting: 0,
    })
  })

  it('refuses with a time to wait when the queue is full', async () => {
    const gate = createGate({ places: 1, queue: 1 })
    await gate.enter(1, patient)
    void gate.enter(1, patient)
    await expect(gate.enter(1, patient)).rejects.toMatchObject({
      status: 429,
      details: { code: 'rate_limit_exceeded', headers: { 'retry-after': expect.stringMatching(/^\d+$/) } },
    })
  })

  it('who leaves the queue lets the next one in', async () => {
    const gate = createGate({ places: 2, queue: 9 })
    const { leave } = await gate.enter(1, patient)
    const impatient = new AbortController()
    const big = gate.enter(2, impatient.signal)
    const small = gate.enter(1, patient)
    impatient.abort(new Error('gone'))
    await expect(big).rejects.toThrow('gone')
    await small
    leave()
    expect([gate.running, gate.waiting]).toEqual([1, 0])
    await expect(gate.enter(1, impatient.signal)).rejects.toThrow('gone')
  })
})
