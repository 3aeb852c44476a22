#include "programs/mandos/ssh_connect.h"

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/net/connect.h"
#include "adapters/net/resolve.h"
#include "base/error.h"
#include "base/unique_fd.h"
#include "loop/asio.h"

namespace mandos::server {

namespace {

// Lives as long as one of its handlers is queued.
class Connecting : public std::enable_shared_from_this<Connecting> {
  public:
    Connecting(const io::any_io_executor& strand, std::vector<net::Endpoint> endpoints,
               std::chrono::milliseconds limit, WithConnection done)
        : socket_(strand),
          timer_(strand),
          endpoints_(std::move(endpoints)),
          share_(limit / static_cast<int>(endpoints_.size())),
          done_(std::move(done)) {}

    // Goes on with the endpoint at next_; on the strand, from a handler.
    void connect() {
        auto fd = net::begin_connecting(endpoints_[next_]);
        if (!fd) {
            failed(std::move(fd).error());
            return;
        }
        socket_.assign(fd->release());
        timer_.expires_after(share_);
        timer_.async_wait([self = shared_from_this()](const std::error_code& error) {
            if (!error)
                self->socket_.cancel();
        });
        socket_.async_wait(io::posix::stream_descriptor::wait_write,
                           [self = shared_from_this()](const std::error_code& error) {
                               self->timer_.cancel();
                               if (self->done_)
                                   self->connected(error);
                           });
    }

    void stop() {
        done_ = nullptr;
        timer_.cancel();
        std::error_code ignored; // nothing can be done about a failing close
        (void)socket_.close(ignored);
    }

    bool stopped() const { return !done_; }

  private:
    void connected(const std::error_code& error) {
        UniqueFd fd(socket_.release());
        if (error) {
            failed(Error(ErrorKind::TimedOut, "cannot connect: it does not answer in time"));
            return;
        }
        if (auto ended = net::end_connecting(fd.get()); !ended) {
            failed(std::move(ended).error());
            return;
        }
        std::exchange(done_, nullptr)(std::move(fd));
    }

    void failed(Error error) {
        const std::string where = endpoints_[next_].text();
        if (++next_ < endpoints_.size())
            connect();
        else
            std::exchange(done_, nullptr)(std::unexpected(std::move(error).context(where)));
    }

    io::posix::stream_descriptor socket_;
    io::steady_timer timer_;
    const std::vector<net::Endpoint> endpoints_;
    const std::chrono::milliseconds share_;
    WithConnection done_; // empty: it has ended
    std::size_t next_ = 0;
};

} // namespace

std::move_only_function<void()> connect_to_one(const io::any_io_executor& strand,
                                               std::vector<net::Endpoint> endpoints,
                                               std::chrono::milliseconds limit, WithConnection done) {
    auto connecting = std::make_shared<Connecting>(strand, std::move(endpoints), limit, std::move(done));
    io::post(strand, [connecting] {
        if (!connecting->stopped())
            connecting->connect();
    });
    return [connecting] { connecting->stop(); };
}

} // namespace mandos::server
