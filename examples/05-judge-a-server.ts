/** Your own questions to an OpenAI-compatible server: `npx tsx examples/05-judge-a-server.ts http://127.0.0.1:8000/v1 my-model` */
import { endpointResponder, evaluateResponder, type QuestionSet } from 'r1-ts/evaluation'
import { verifyMath } from 'r1-ts/verifiers'

const set: QuestionSet = {
  name: 'my-questions',
  questions: [
    { id: 'half', prompt: 'One half of one third? Answer in \\boxed{}.', answer: '\\frac{1}{6}' },
    { id: 'sum', prompt: 'What is 17 + 25? Answer in \\boxed{}.', answer: '42' },
  ],
  verify: ({ answer }, response) => verifyMath(response, answer),
}

const [url = 'http://127.0.0.1:8000/v1', model = 'r1'] = process.argv.slice(2)
const server = { url, model, reasoningModel: false, idleSeconds: 300, concurrency: 4 }
const settings = { samples: 2, temperature: 0.6, topP: 0.95, maxTokens: 1024 }
const responder = await endpointResponder(server)
const { figures, graded } = await evaluateResponder({ set, responder, settings, seed: 1 })
for (const { id, samples } of graded) console.log(id, ...samples.map(({ correct }) => correct))
console.log(`pass@1 ${figures.pass1}`)
