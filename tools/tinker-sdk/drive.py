"""Drives `r1 serve-engine` by Thinking Machines' own SDK: every call of it that trains, samples or saves.

    python3.12 -m venv venv && venv/bin/pip install tinker torch
    r1 serve-engine pocket-base --port 8000
    TINKER_BASE_URL=http://127.0.0.1:8000 TINKER_API_KEY=tml-any venv/bin/python tools/tinker-sdk/drive.py

Ends with an error where the server does something else than the SDK's documents say.
"""
import random
from importlib.metadata import version

import numpy as np
import tinker
from tinker import types

random.seed(1)
PROMPT = [random.randrange(5, 500) for _ in range(6)]
SEQUENCES = [PROMPT + [random.randrange(5, 500) for _ in range(n)] for n in (9, 4, 7)]
ADAM = types.AdamParams(learning_rate=1e-3, beta1=0.9, beta2=0.95, eps=1e-8)


def datum(tokens, **inputs):
    target = types.TensorData(data=tokens[1:], dtype="int64", shape=[len(tokens) - 1])
    floats = {
        name: types.TensorData(data=values, dtype="float32", shape=[len(values)]) for name, values in inputs.items()
    }
    return types.Datum(
        model_input=types.ModelInput.from_ints(tokens=tokens[:-1]), loss_fn_inputs={"target_tokens": target, **floats}
    )


def on_response(tokens, value):
    return [0.0] * (len(PROMPT) - 1) + [value] * (len(tokens) - len(PROMPT))


def logprobs(output):
    return [np.array(of["logprobs"].data) for of in output.loss_fn_outputs]


def near(ours, theirs, tolerance=1e-3):
    worst = max(float(np.max(np.abs(np.array(a) - np.array(b)))) for a, b in zip(ours, theirs, strict=True))
    assert worst < tolerance, f"{worst} apart"


def done(what):
    print(f"ok  {what}", flush=True)


rest = tinker.RestClient()
base = rest.get_server_capabilities().result().supported_models[0].model_name
service = tinker.ServiceClient()
training = service.create_lora_training_client(base_model=base, rank=8, seed=1).result()
assert training.get_info().model_data.model_name == base
done(f"tinker {version('tinker')}: session, capabilities and a model on {base}")

examples = [datum(tokens, weights=on_response(tokens, 1.0)) for tokens in SEQUENCES]
before = logprobs(training.forward(examples, "cross_entropy").result())
losses = []
for _ in range(10):
    backward, step = training.forward_backward(examples, "cross_entropy"), training.optim_step(ADAM)
    losses.append(backward.result().metrics["loss:sum"])
    step.result()
mine = -sum(float(np.sum(of[len(PROMPT) - 1 :])) for of in before)
near([[losses[0]]], [[mine]])
assert losses[-1] < 0.9 * losses[0], losses
done(f"cross_entropy: {losses[0]:.2f} to {losses[-1]:.2f} in ten updates, of forward {mine:.2f}")

sampler = training.save_weights_and_get_sampling_client().result()
trained = logprobs(training.forward(examples, "cross_entropy").result())
for tokens, scores in zip(SEQUENCES, trained):
    first, *others = sampler.compute_logprobs(types.ModelInput.from_ints(tokens=tokens)).result()
    assert first is None
    near([others], [scores])
done("a published copy scores as the model in training does")

params = types.SamplingParams(max_tokens=12, temperature=1.0, seed=3)
drawn = sampler.sample(types.ModelInput.from_ints(tokens=PROMPT), num_samples=4, sampling_params=params).result()
again = sampler.sample(types.ModelInput.from_ints(tokens=PROMPT), num_samples=4, sampling_params=params).result()
assert [s.tokens for s in drawn.sequences] == [s.tokens for s in again.sequences]
assert all(s.stop_reason == "length" and len(s.logprobs) == 12 for s in drawn.sequences)
stop = drawn.sequences[0].tokens[2]
params = types.SamplingParams(max_tokens=12, temperature=1.0, seed=3, stop=[stop])
stopped = sampler.sample(types.ModelInput.from_ints(tokens=PROMPT), num_samples=1, sampling_params=params).result()
assert stopped.sequences[0].stop_reason == "stop" and stopped.sequences[0].tokens[-1] == stop
done("samples by seed, with log-probabilities, to a stop token")

rewarded = [
    datum(PROMPT + list(s.tokens), logprobs=on_response(PROMPT, 0.0) + list(s.logprobs), advantages=advantage)
    for i, s in enumerate(drawn.sequences)
    for advantage in [on_response(PROMPT + list(s.tokens), 1.0 if i == 0 else -1 / 3)]
]
for loss, config in [
    ("importance_sampling", None),
    ("ppo", {"clip_low_threshold": 0.8, "clip_high_threshold": 1.2}),
    ("cispo", {"clip_low_threshold": 0.0, "clip_high_threshold": 4.0}),
]:
    then = logprobs(training.forward(rewarded[:1], "cross_entropy").result())[0][len(PROMPT) - 1 :]
    training.forward_backward(rewarded, loss, loss_fn_config=config).result()
    training.optim_step(ADAM).result()
    now = logprobs(training.forward(rewarded[:1], "cross_entropy").result())[0][len(PROMPT) - 1 :]
    assert now.sum() > then.sum(), loss
    done(f"{loss}: the better response has {now.sum() - then.sum():+.2f} of log-probability")


def squares(data, scores):
    loss = sum((of**2).sum() for of in scores)
    return loss, {"squares": float(loss.detach())}


training.forward_backward_custom(examples, squares).result()
training.optim_step(ADAM).result()
done("a loss of the client's own")

path = training.save_state("drive").result().path
after = [training.forward_backward(examples, "cross_entropy").result().metrics["loss:sum"]]
training.optim_step(ADAM).result()
after.append(training.forward(examples, "cross_entropy").result())
resumed = service.create_training_client_from_state_with_optimizer(path).result()
loss = resumed.forward_backward(examples, "cross_entropy").result().metrics["loss:sum"]
resumed.optim_step(ADAM).result()
near([[loss]], [[after[0]]])
near(logprobs(resumed.forward(examples, "cross_entropy").result()), logprobs(after[1]))
done("a model from saved weights and AdamW's state continues in the same way")

kept = training.save_weights_for_sampler("drive").result().path
named = service.create_sampling_client(model_path=kept).result()
scores = named.compute_logprobs(types.ModelInput.from_ints(tokens=SEQUENCES[0])).result()[1:]
near([scores], logprobs(after[1])[:1])
run = kept.split("/")[2]
listed = {of.tinker_path for of in rest.list_checkpoints(run).result().checkpoints}
assert {path, kept} <= listed, listed
assert run in {of.training_run_id for of in rest.list_training_runs().result().training_runs}
assert rest.get_training_run(run).result().lora_rank == 8
rest.delete_checkpoint_from_tinker_path(path).result()
assert path not in {of.tinker_path for of in rest.list_checkpoints(run).result().checkpoints}
done("weights by name: sampled, listed, deleted")

plain = service.create_sampling_client(base_model=base).result()
first = plain.compute_logprobs(types.ModelInput.from_ints(tokens=SEQUENCES[0])).result()[1:]
near([first], before[:1])
done("the base model scores as a fresh adapter does")
