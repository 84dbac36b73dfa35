-- wrk's side of a slice: asks for many ids in turn, and checks the status, two headers and the body of every
-- response. Arguments: how many ids, a path and a body with `#` in the id's place, the type. Prints one line of JSON.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  ids, at, wrong, example = tonumber(args[1]), 0, 0, ''
  requests, bodies, right = {}, {}, args[4]
  for id = 1, ids do
    requests[id] = wrk.format(nil, (args[2]:gsub('#', id)))
    bodies[(args[3]:gsub('#', id))] = true
  end
end

function request()
  at = at % ids + 1
  return requests[at]
end

function response(status, headers, body)
  local type = headers['content-type'] or headers['Content-Type'] or ''
  local length = headers['content-length'] or headers['Content-Length']
  if status == 200 and bodies[body] and type:lower() == right and tonumber(length) == #body then
    return
  end
  wrong = wrong + 1
  example = status .. ' ' .. body
end

function done(summary)
  local wrong, example = 0, ''
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get('wrong')
    if thread:get('wrong') > 0 then example = thread:get('example') end
  end
  if wrong > 0 then print(example) end
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format('{"requests":%d,"microseconds":%d,"wrong":%d,"refused":%d,"broken":%d}',
    summary.requests, summary.duration, wrong, errors.status, broken))
end
