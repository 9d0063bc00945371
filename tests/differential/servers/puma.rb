# SPDX-License-Identifier: Apache-2.0
# A judge: puma, configured here, its application included; JUDGE_HOST and JUDGE_PORT are its address.
require 'digest'

bind "tcp://#{ENV['JUDGE_HOST']}:#{ENV['JUDGE_PORT']}"
threads 2, 2
workers 0
persistent_timeout 600
first_data_timeout 600
log_requests false
app do |environment|
  body = environment['rack.input'].read
  seen = "#{environment['REQUEST_METHOD']} #{environment['REQUEST_URI']} #{environment['HTTP_HOST'] || '-'} #{Digest::SHA1.hexdigest(body)}"
  [200, { 'X-Seen' => seen, 'Content-Length' => '0' }, []]
end
