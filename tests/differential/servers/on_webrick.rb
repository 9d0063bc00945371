# SPDX-License-Identifier: Apache-2.0
# A judge: WEBrick. Arguments: address, port.
require 'digest'
require 'webrick'

# WEBrick answers a method that it does not know with 405 unless the servlet has a function for it.
class Answer < WEBrick::HTTPServlet::AbstractServlet
  def service(request, response)
    body = request.body || ''
    response.status = 200
    response['X-Seen'] = "#{request.request_method} #{request.unparsed_uri} #{request['host'] || '-'} #{Digest::SHA1.hexdigest(body)}"
    response['Content-Length'] = '0'
    response.body = ''
  end
end

log = WEBrick::Log.new(File::NULL)
server = WEBrick::HTTPServer.new(BindAddress: ARGV[0], Port: ARGV[1].to_i, Logger: log, AccessLog: [], RequestTimeout: 600,
                                 DoNotReverseLookup: true)
server.mount('/', Answer)
trap('TERM') { server.shutdown }
server.start
